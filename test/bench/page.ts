import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type CDPSession, type Page } from 'playwright';
import { findChromium } from '../../scripts/chromium.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { Access } from '../../src-main/api/access.ts';
import { ApiSocket } from '../../src-main/api/api-socket.ts';
import { staticUi } from '../../src-main/api/static-ui.ts';
import { nobody } from '../../src-main/platform/listener/peer.ts';
import { ensureUi, uiFolder } from '../../src-main/platform/making-ready/build-when-changed.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import type { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import type { Section } from './figure.ts';
import { median } from './medians.ts';

const changes = 21;
const goalMs = 8;
const goalBytes = 2000;
const token = 'b'.repeat(64);

/** What one change of a lab of 1,000 PCs costs whoever looks at it: bytes on the wire, and the page's own thread. */
export async function benchPage(): Promise<Section> {
  const built = await ensureUi(() => undefined);
  if (!built.ok) throw new Error(refusalWords(built.error));
  const head = scenes.large(Date.UTC(2026, 10, 21, 22, 30));
  const access = new Access(token, 'bench');
  const api = new ApiSocket(head.router(), access, (line) => console.error(line));
  const pages = staticUi(uiFolder, access);
  const server = createServer((request, response) => {
    void pages(request, response, nobody);
  }).on('upgrade', api.accept);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const executablePath = findChromium(existsSync);
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const frames: number[] = [];
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => frames.push(Buffer.byteLength(payload))),
    );
    await page.goto(`http://127.0.0.1:${port}/?token=${token}`);
    await page.getByRole('heading', { name: head.lab.name }).waitFor();
    await page.getByText('N10').first().waitFor();
    await settled(page);
    const whole = Math.max(...frames);

    const metrics = await page.context().newCDPSession(page);
    await metrics.send('Performance.enable');
    const rows: Cost[] = [];
    const idle: number[] = [];
    for (let at = 0; at < changes; at += 1) {
      const before = await costOf(metrics);
      await settled(page);
      idle.push((await costOf(metrics)).all - before.all);

      frames.length = 0;
      const began = await costOf(metrics);
      change(head.lab, at);
      while (frames.length === 0) await settled(page);
      await settled(page);
      const ended = await costOf(metrics);
      rows.push({
        all: ended.all - began.all,
        script: ended.script - began.script,
        style: ended.style - began.style,
        layout: ended.layout - began.layout,
        bytes: frames.reduce((sum, bytes) => sum + bytes, 0),
      });
    }
    // The first is what the page compiles.
    const told = rows.slice(1);
    const of = (pick: (cost: Cost) => number): number => median(told.map(pick));
    const quiet = median(idle);
    const changeMs = of(({ all }) => all) - quiet;
    const changeBytes = of(({ bytes }) => bytes);
    const parts = `script ${of(({ script }) => script).toFixed(1)}, style ${of(({ style }) => style).toFixed(1)}, layout ${of(({ layout }) => layout).toFixed(1)}`;
    return {
      figures: [
        {
          what: 'a change in a lab of 1,000 PCs, in the page that shows it',
          value: `${changeMs.toFixed(1)} ms${changeMs > goalMs ? `: missed (${parts}; the rest is paint and the frame itself)` : ` (${parts})`}`,
          reference: `the same wait without a change ${quiet.toFixed(1)} ms`,
          goal: `≤ ${goalMs} ms`,
        },
        {
          what: 'the same change on the wire',
          value: `${changeBytes} bytes${changeBytes > goalBytes ? ': missed' : ''}`,
          reference: `the whole view ${Math.round(whole / 1000)} kB`,
          goal: `≤ ${goalBytes} bytes`,
        },
      ],
      json: { changeMs, changeBytes, wholeBytes: whole, quietMs: quiet },
    };
  } finally {
    await browser.close();
    await api.close();
    await new Promise((closed) => server.close(closed));
  }
}

/** Milliseconds of the page's main thread, and bytes that came. */
interface Cost {
  readonly all: number;
  readonly script: number;
  readonly style: number;
  readonly layout: number;
  readonly bytes: number;
}

async function costOf(metrics: CDPSession): Promise<Cost> {
  const { metrics: all } = await metrics.send('Performance.getMetrics');
  const of = (name: string): number =>
    1000 * (all.find((metric) => metric.name === name)?.value ?? 0);
  return {
    all: of('TaskDuration'),
    script: of('ScriptDuration'),
    style: of('RecalcStyleDuration'),
    layout: of('LayoutDuration'),
    bytes: 0,
  };
}

/** Three frames on, so that what has arrived is drawn. */
const settled = (page: Page): Promise<unknown> =>
  page.evaluate(
    'new Promise((drawn) => { let left = 3; const next = () => (left-- > 0 ? requestAnimationFrame(next) : drawn()); next(); })',
  );

/** Somebody cordons a PC, and lets it in again. */
function change(lab: SimulatedLab, at: number): void {
  const machine = `pc-${String(300 + (at >> 1)).padStart(4, '0')}`;
  const done = at % 2 === 0 ? lab.shell.cordon([machine]) : lab.shell.uncordon([machine]);
  if (!done.ok) throw new Error(refusalWords(done.error));
}
