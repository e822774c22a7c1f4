import { expect, test } from 'vitest';
import { hours, minutes, seconds } from '../../shared/base/units.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';
import { disagreements } from './told-by-the-log.ts';

/** A lab whose clock on the wall shows this hour, with so many PCs that come one after the other. */
function labAt(hour: number, pcs: number): SimulatedLab {
  const lab = new SimulatedLab(hour * 10 + pcs);
  const now = new Date(lab.clock.wall());
  lab.clock.jumpWall(Date.UTC(2026, 10, 27, hour) - now.getTime());
  lab.boot(pcs);
  ready(lab, pcs);
  return lab;
}

const ready = (lab: SimulatedLab, pcs: number): void =>
  lab.until('they are here', () => hereIn(lab) === pcs);
const hereIn = (lab: SimulatedLab): number =>
  lab.shell.machines().filter(({ state }) => state === 'ready').length;
const works = (lab: SimulatedLab): void => {
  const job = lab.submit(1, seconds(5));
  lab.until('it is done', () => lab.isDone(job));
};
const endings = (lab: SimulatedLab): unknown[] =>
  [...lab.store.events(0)].flatMap(({ event }) =>
    event.e === 'night-ended' ? [`${event.night} ${event.because}`] : [],
  );

test('a PC that stays on keeps no night open: it is over at noon, and in the evening the next one begins', () => {
  const lab = labAt(19, 2);
  works(lab);
  valueOf(lab.shell.release(['pc-01'], 'checkpoint'));
  lab.until('one went', () => hereIn(lab) === 1);
  lab.advance(hours(12));
  expect([lab.shell.report().night, endings(lab)]).toEqual([1, []]);
  lab.advance(hours(5.5));
  expect(endings(lab)).toEqual(['1 morning']);
  const { until, tasksDone } = lab.shell.report();
  expect([new Date(until).toISOString().slice(0, 16), tasksDone]).toEqual(['2026-11-28T12:00', 1]);
  // By day what it does counts into the night that was.
  works(lab);
  expect(lab.shell.report()).toMatchObject({ night: 1, tasksDone: 2 });
  lab.advance(hours(6));
  expect(lab.shell.report()).toMatchObject({ night: 2, tasksDone: 0 });
  works(lab);
  expect(lab.shell.report()).toMatchObject({ night: 2, tasksDone: 1 });
  expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
});

test('a night ends when the release of its last PC has ended, and the next PC opens another', () => {
  const lab = labAt(20, 2);
  valueOf(lab.shell.release(['pc-01'], 'checkpoint'));
  lab.advance(minutes(1));
  expect(endings(lab)).toEqual([]);
  valueOf(lab.shell.release(['pc-02'], 'checkpoint'));
  lab.advance(minutes(3));
  expect(endings(lab)).toEqual(['1 release']);
  expect(lab.shell.view().diary.filter(({ code }) => code?.startsWith('night-'))).toMatchObject([
    { code: 'night-opened', tone: 'plain', facts: { night: 1 } },
    { code: 'night-ended', tone: 'plain', facts: { night: 1 } },
  ]);
  const { until } = lab.shell.report();
  lab.advance(hours(2));
  expect(lab.shell.report()).toMatchObject({
    night: 1,
    until,
    returned: { given: 2, confirmed: 2 },
  });
  lab.pc(1).boot();
  ready(lab, 1);
  expect(lab.shell.report().night).toBe(2);
});

test('a power cut in the night parts no night in two', () => {
  const lab = labAt(21, 3);
  works(lab);
  for (const pc of lab.members()) pc.unplug();
  lab.until('all are lost', () => lab.shell.machines().every(({ state }) => state === 'lost'));
  lab.advance(minutes(20));
  for (const pc of lab.members()) pc.boot();
  ready(lab, 3);
  works(lab);
  expect(lab.shell.report()).toMatchObject({ night: 1, tasksDone: 2 });
});

test('PCs that vanished in the night open another one in the next evening, also where the head was off at noon', () => {
  const lab = labAt(21, 1);
  lab.pc(1).unplug();
  lab.until('it is lost', () => lab.statusOf(1) === 'lost');
  lab.killHead();
  lab.advance(hours(22));
  lab.startHead();
  lab.pc(1).boot();
  ready(lab, 1);
  expect([lab.shell.report().night, endings(lab)]).toEqual([2, ['1 morning']]);
});

test('who begins in the late morning is not thrown into another night at noon', () => {
  const lab = labAt(11, 2);
  lab.advance(hours(3));
  expect([lab.shell.report().night, endings(lab)]).toEqual([1, []]);
  lab.advance(hours(22));
  expect(endings(lab)).toEqual(['1 morning']);
});

test('a clock that is set wrong for a moment ends no night', () => {
  const lab = labAt(20, 1);
  lab.advance(minutes(30));
  lab.clock.jumpWall(hours(20));
  lab.advance(minutes(2));
  lab.clock.jumpWall(hours(-20));
  lab.advance(hours(1));
  expect(endings(lab)).toEqual([]);
});
