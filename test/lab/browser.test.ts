// The app as people get it: what was built last in this checkout, served by a real head, in a real browser.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { connectToHead } from '../../src-cli/platform/head-connection.ts';
import { ensureUi } from '../../src-main/platform/making-ready/build-when-changed.ts';
import { HeadProcess } from './head/head-process.ts';
import { RealLab } from './practice/real-lab.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';

let folder: string;
let head: HeadProcess;
let browser: Browser;
beforeAll(async () => {
  expect(process.env['NODE_ENV']).toBe('test');
  expect(await ensureUi(() => undefined)).toMatchObject({ ok: true });
  const executablePath = findChromium(existsSync);
  browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox'],
  });
});
afterAll(() => browser.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-head-'));
  head = new HeadProcess(join(folder, 'home'), ['--port', '0', '--lab', 'Real lab']);
  await head.ready();
});
afterEach(async () => {
  await head.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('shows the lab of its head and no other, follows it, and says when it was stopped', async () => {
  const page = await browser.newPage();
  await page.goto(head.facts().browserUrl);
  await page.getByRole('heading', { name: 'Real lab' }).waitFor();
  await page.getByText('No PCs yet').waitFor();
  expect(await page.getByRole('region', { name: 'Simulated lab' }).count()).toBe(0);
  expect(await page.title()).toBe('Lab · Real lab');

  const connection = await connectToHead(head.home);
  if (!connection.ok) throw new Error(refusalWords(connection.error));
  await connection.value.api.jobs.submit({ command: ['true'], name: 'seen', owner: 'ada' });
  await page.getByText('ada submitted job 1 "seen" (1 task).').first().waitFor();
  connection.value.close();

  expect(await head.stop('SIGINT')).toEqual({ code: 0, signal: null });
  await page.getByText('The head was stopped.').waitFor();
  await page.close();
});

test('shows its cookie to no other server of this machine, whatever page one comes from', async () => {
  const heard: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    heard.push(request.headers.cookie);
    response.setHeader('content-type', 'text/html').end('<title>other</title>');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const page = await browser.newPage();
  await page.goto(head.facts().browserUrl);
  await page.getByRole('heading', { name: 'Real lab' }).waitFor();
  for (const name of ['127.0.0.1', 'localhost', 'nightshift.localhost'])
    await page.goto(`http://${name}:${port}/`);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.filter((cookie) => cookie !== undefined)).toEqual([]);
  // And it is good still.
  await page.goto(head.facts().browserUrl);
  await page.getByRole('heading', { name: 'Real lab' }).waitFor();
  await page.close();
  await new Promise((resolve) => other.close(resolve));
});

test('seats PCs, moves a task into a full lab and names what a plug that was pulled has cost', async () => {
  await using lab = await RealLab.open(2, { cpus: 1 });
  const page = await browser.newPage();
  await page.goto(lab.head.facts().browserUrl);
  await page.getByRole('article', { name: 'pc-01' }).getByText('Ready').waitFor();
  await lab.api.seats.set({
    seats: [{ machine: 'pc-01', seat: { room: 'Room 12', row: 1, place: 2 } }],
  });
  await page.getByRole('heading', { name: 'Room 12' }).waitFor();
  await expect
    .poll(async () => (await lab.api.practice.list())[0]?.screen.join(' '), { timeout: 60_000 })
    .toContain('seat Room 12/1/2');

  const job = await lab.submit(['sleep', '600'], { array: { first: 1, last: 2 } });
  const placed = async () => (await lab.job(job)).tasks.map(({ phase }) => phase);
  await expect.poll(placed, { timeout: 60_000 }).toEqual(['running', 'running']);
  const [task] = (await lab.job(job)).tasks;
  const other = task?.machine === 'pc-01' ? 'pc-02' : 'pc-01';
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/#/jobs/${job}/${task?.id ?? ''}`);
  await page.getByRole('button', { name: 'Migrate…' }).click();
  await page.getByRole('menuitem', { name: `${other} · full; its tasks would share it` }).click();
  const where = async () => (await lab.job(job)).tasks[0]?.machine;
  await expect.poll(where, { timeout: 60_000 }).toBe(other);

  await lab.api.practice.unplug({ pc: other });
  await expect
    .poll(async () => (await lab.api.lab.report()).losses.length, { timeout: 60_000 })
    .toBeGreaterThan(0);
  await page.goto(`${origin}/#/report`);
  const losses = page.getByRole('region', { name: 'What was lost, and why' });
  await losses.getByText(`${other} was lost`).first().waitFor();
  await page.close();
});
