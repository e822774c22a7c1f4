import { expect, test } from 'vitest';
import { labFeedSchema, withLabFeed, type LabFeed } from '../../shared/api/lab-feed.ts';
import type { LabView } from '../../shared/api/views.ts';
import { seconds } from '../../shared/base/units.ts';
import { ChangeTicks, shortestGap } from '../../src-main/api/change-ticks.ts';
import { rowFeed } from '../../src-main/api/row-feed.ts';
import { ViewFeed } from '../../src-main/api/view-feed.ts';
import { SeededRng } from '../../src-sim/seeded-rng.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

const plain = (view: LabView): unknown => JSON.parse(JSON.stringify(view));

/** A page: what it was sent, as it came over the wire. */
class Page {
  picture: LabView | null = null;
  version: string | null = null;
  wholes = 0;
  #stop = new AbortController();
  #feed: AsyncGenerator<LabFeed, void, void>;

  readonly feed: ViewFeed;

  constructor(feed: ViewFeed) {
    this.feed = feed;
    this.#feed = feed.watch(null, this.#stop.signal);
  }

  async read(): Promise<void> {
    const { value } = await this.#feed.next();
    if (!value) throw new Error('the feed has ended');
    const message = labFeedSchema.parse(JSON.parse(JSON.stringify(value)));
    if ('whole' in message) this.wholes += 1;
    this.picture = withLabFeed(this.picture, message);
    this.version = message.version;
  }

  async connectAgain(): Promise<void> {
    this.close();
    this.#stop = new AbortController();
    this.#feed = this.feed.watch(this.version, this.#stop.signal);
    await this.read();
  }

  close(): void {
    this.#stop.abort();
    void this.#feed.return();
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  'the changes applied to the picture are the whole view at every version, in night %i of accidents',
  async (seed) => {
    const lab = new SimulatedLab(seed);
    const rng = new SeededRng(seed);
    const one = (upTo: number): number => 1 + rng.below(upTo);
    const feed = new ViewFeed(lab.shell, new ChangeTicks(lab.shell, lab.clock));
    const page = new Page(feed);
    let changed = 0;
    lab.shell.onChange(() => (changed += 1));
    lab.boot(5);
    await page.read();
    changed = 0;
    for (let step = 0; step < 150; step += 1) {
      const pc = lab.pc(one(5));
      const happens = one(9);
      if (happens === 1) pc.unplug();
      if (happens === 2) pc.boot();
      if (happens === 3) pc.cutCable();
      if (happens === 4) pc.heal();
      if (happens === 5) lab.submit(one(8), seconds(one(60)));
      if (happens === 6) lab.shell.release([`pc-0${one(5)}`], 'checkpoint');
      if (happens === 7) lab.shell.cordon([`pc-0${one(5)}`]);
      if (happens === 8) lab.shell.uncordon('all');
      lab.advance(shortestGap + one(20) * 250);
      if (happens === 9) await page.connectAgain();
      else if (changed > 0) await page.read();
      changed = 0;
      expect(plain(page.picture ?? lab.shell.view())).toEqual(plain(lab.shell.view()));
    }
    expect(page.wholes).toBe(1);
    page.close();
  },
);

test('a reader that sleeps for an hour gets what it missed as one message, and nothing was kept for it', async () => {
  const lab = new SimulatedLab(7);
  const feed = new ViewFeed(lab.shell, new ChangeTicks(lab.shell, lab.clock));
  lab.boot(3);
  const page = new Page(feed);
  await page.read();
  const other = new Page(feed);
  await other.read();
  lab.submit(40, seconds(20));
  for (let minute = 0; minute < 60; minute += 1) {
    const reading = other.read();
    lab.advance(seconds(60));
    await reading;
  }
  const waking = page.read();
  lab.advance(seconds(1));
  await waking;
  expect(plain(page.picture ?? lab.shell.view())).toEqual(plain(lab.shell.view()));
  expect([page.wholes, other.wholes]).toEqual([1, 1]);
  page.close();
  other.close();
});

test('who follows one job is told its row, and again only when that changed; the end of the job is the end of the story', async () => {
  const lab = new SimulatedLab(8);
  lab.boot(2);
  lab.until('both are here', () => lab.shell.machines().length === 2);
  const mine = lab.submit(1, seconds(30));
  const stop = new AbortController();
  const ticks = new ChangeTicks(lab.shell, lab.clock);
  let read = 0;
  const rows = rowFeed(
    ticks,
    () => {
      read += 1;
      return valueOf(lab.shell.jobRow(mine));
    },
    stop.signal,
  );
  const told: string[] = [];
  const reading = (async () => {
    for await (const row of rows) told.push(row.state);
  })();
  for (let step = 0; step < 60; step += 1) {
    // Much goes on beside it.
    if (step % 5 === 0) lab.submit(1, seconds(1));
    lab.advance(seconds(1));
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(told).toEqual(['running', 'done']);
  expect(read).toBeGreaterThan(10);
  stop.abort();
  await reading;
  // Nobody follows any more, and the lab is not asked again.
  const before = read;
  lab.submit(1, seconds(1));
  lab.advance(seconds(10));
  expect(read).toBe(before);
});

test('a job that has left the lab ends the story of who follows it with the reason', async () => {
  const lab = new SimulatedLab(9);
  const stop = new AbortController();
  const ticks = new ChangeTicks(lab.shell, lab.clock);
  const rows = rowFeed(ticks, () => valueOf(lab.shell.jobRow('77')), stop.signal);
  await expect(rows.next()).rejects.toThrow('there is no job "77"');
});
