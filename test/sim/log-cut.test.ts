import { describe, expect, test } from 'vitest';
import type { Report } from '../../shared/api/views.ts';
import { epochMillis, hours, millis, minutes, seconds } from '../../shared/base/units.ts';
import { searchCut, type CutSearch } from '../../src-main/core/jobs/log-cut.ts';
import { lengthOf } from './cut-log.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';
import { disagreements } from './told-by-the-log.ts';

const day = 24 * hours(1);

/** A night of so many tasks; what its report said in the morning. The head is up for as long as it takes to trust its clock. */
function playNight(lab: SimulatedLab, tasks: number): Report {
  for (const pc of lab.members()) if (!pc.powered) pc.boot();
  const job = lab.submit(tasks, seconds(1));
  lab.until('it is done', () => lab.isDone(job));
  valueOf(lab.shell.release('all', 'checkpoint'));
  lab.until('all are gone', () => lab.shell.machines().every(({ leftAt }) => leftAt !== null));
  const report = lab.shell.report();
  lab.advance(minutes(63));
  return report;
}

/** The head is off until then. */
function sleep(lab: SimulatedLab, span: number): void {
  lab.killHead();
  lab.clock.jumpWall(span);
  lab.startHead();
}

async function past(lab: SimulatedLab, night: number): Promise<Report> {
  let answer: Report | undefined;
  void lab.shell.reportOf(night).then((report) => (answer = valueOf(report)));
  while (!answer) {
    await new Promise((resolve) => setImmediate(resolve));
    lab.advance(1);
  }
  return answer;
}

test('a year of nights leaves a log of ninety days, reports of all of them, and a lab that its store tells as before', async () => {
  const lab = new SimulatedLab(51);
  lab.boot(3);
  const mornings: Report[] = [];
  const lengths: number[] = [];
  for (let night = 0; night < 52; night += 1) {
    mornings.push(playNight(lab, 60));
    lengths.push(lengthOf(lab.store));
    if (night % 13 === 0) expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
    sleep(lab, 7 * day);
  }
  const [inAQuarter, atLast] = [lengths[14] ?? 0, lengths.at(-1) ?? 0];
  expect(lab.store.lastSeq()).toBeGreaterThan(3 * atLast);
  expect(Math.max(...lengths)).toBeLessThan(1.2 * inAQuarter);
  // Jobs leave the base as they have left the lab.
  expect([...lab.store.base.tables.rows('jobs')].length).toBeLessThan(20);
  expect([...lab.store.base.tables.rows('tasks')].length).toBeLessThan(20 * 60);
  lab.advance(1);
  expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
  // So tables that are made anew have them, too.
  expect(lab.store.base.tables.row('lab', 'report.21')).toEqual(lab.store.row('lab', 'report.21'));
  expect(lab.store.row('lab', 'report.21')).toMatchObject({ report: { night: 21, tasksDone: 60 } });
  for (const { until, ...morning } of [0, 20, 37, 40, 50].map((night) => mornings[night]!)) {
    const report = await past(lab, morning.night);
    expect(report).toMatchObject(morning);
    expect(report.until).toBeLessThanOrEqual(until);
  }
});

/** More events than are always kept, all of them from a while ago by now. */
function longAgo(seed: number): SimulatedLab {
  const lab = new SimulatedLab(seed);
  lab.boot(3);
  playNight(lab, 400);
  playNight(lab, 400);
  valueOf(lab.shell.keepFor(millis(30 * day)));
  sleep(lab, 60 * day);
  expect(lab.store.lastSeq()).toBeGreaterThan(2100);
  return lab;
}

test('the newest events stay, and so does the report of the night that is cut in two', async () => {
  const lab = longAgo(52);
  lab.advance(minutes(63));
  expect(lengthOf(lab.store)).toBe(2000);
  expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
  const told = await past(lab, 1);
  sleep(lab, day);
  expect(await past(lab, 1)).toEqual(told);
  expect(told.tasksDone).toBe(400);
});

test('a night that is cut in two while it may still go on has its report once it is over', async () => {
  const lab = new SimulatedLab(56);
  lab.boot(3);
  const { until, ...morning } = playNight(lab, 900);
  valueOf(lab.shell.keepFor(millis(30 * day)));
  sleep(lab, 60 * day);
  lab.advance(minutes(63));
  expect(lab.store.base.seq).toBeGreaterThan(500);
  playNight(lab, 1);
  const report = await past(lab, 1);
  expect(report).toMatchObject(morning);
  expect(report.until).toBeLessThanOrEqual(until);
});

test('a head that is killed at any point of a cut begins where it ended, and has lost nothing', () => {
  const lab = longAgo(53);
  const lengths: number[] = [];
  for (let pieces = 0; lengthOf(lab.store) > 2000; pieces += 1) {
    lab.store.cutsLeft = pieces;
    lab.advance(minutes(63));
    lab.killHead();
    expect(disagreements(lab.store)).toEqual([]);
    lengths.push(lengthOf(lab.store));
    lab.store.full = false;
    lab.startHead();
  }
  lab.advance(1);
  expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
  expect(new Set(lengths).size).toBeGreaterThan(2);
  expect(lengthOf(lab.store)).toBe(2000);
});

test('a disk that refuses in the middle of a cut leaves the log as it is, and the next day goes on', () => {
  const lab = longAgo(54);
  lab.store.cutsLeft = 2;
  lab.advance(minutes(63));
  lab.store.cutsLeft = Infinity;
  lab.store.full = false;
  const { seq } = lab.store.base;
  expect(seq).toBe(53);
  expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
  lab.advance(hours(23));
  expect(lab.store.base.seq).toBe(seq);
  lab.advance(hours(1));
  expect(lengthOf(lab.store)).toBe(2000);
});

test('nothing is cut while the clock has just jumped', () => {
  const lab = longAgo(55);
  lab.advance(minutes(30));
  lab.clock.jumpWall(10 * 365 * day);
  lab.advance(minutes(59));
  lab.clock.jumpWall(-10 * 365 * day);
  lab.advance(minutes(59));
  expect(lab.store.base.seq).toBe(0);
});

describe('of the log leaves', () => {
  const [olderThan, wall] = [epochMillis(100), epochMillis(200)];
  const upTo = (stamps: readonly number[], newest = 1_000_000): number => {
    let found: CutSearch = { upTo: 0, isOver: false };
    for (const [place, at] of stamps.entries()) {
      if (found.isOver) break;
      const event = { seq: place + 1, at: epochMillis(at) };
      found = searchCut(found, event, newest, { olderThan, wall });
    }
    return found.upTo;
  };

  test.each([
    ['what is old, up to what is young', [10, 20, 150, 30], 2],
    ['nothing, when the first is young', [100, 10], 0],
    [
      'what a clock that was ahead has stamped, with what came after it and is old',
      [10, 999, 20, 150],
      3,
    ],
    ['not that alone', [10, 999, 150], 1],
    ['nor at the very end', [999, 999], 0],
  ])('%s', (_, stamps, expected) => {
    expect(upTo(stamps)).toBe(expected);
  });

  test('none of the newest 2000', () => {
    expect(upTo([1, 2, 3, 4], 2003)).toBe(3);
    expect(upTo([1, 2, 3, 4], 1999)).toBe(0);
  });
});
