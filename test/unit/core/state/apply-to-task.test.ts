import { describe, expect, test } from 'vitest';
import { epochMillis } from '../../../../shared/base/units.ts';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { because, checkpointOf, hashOf, ToldLab } from '../told-lab.ts';

const task = '1.0' as TaskId;
const [a, b] = [memberId('a'), memberId('b')];
const placed: LabEvent = { e: 'task-placed', task, epoch: epoch(1), machine: a, from: null };
const started: LabEvent = { e: 'task-started', task, epoch: epoch(1), resumed: false };
const begun: LabEvent = { e: 'task-move-begun', task, to: b, toEpoch: epoch(2), because };
const moved: LabEvent = { e: 'task-moved', task, toEpoch: epoch(2) };
const recalled: LabEvent = { e: 'task-recalled', task, epoch: epoch(1), reason: because };
const blamed = (machine = a): LabEvent => ({ e: 'task-blamed', task, machine });
const held: LabEvent = { e: 'task-held', task, reason: because };
const saved = (letter: string, suspended = false, takenAt = 0): LabEvent => ({
  ...{ e: 'task-saved', task, suspended, freezeMs: 1 },
  checkpoint: checkpointOf(letter, { takenAt: epochMillis(takenAt), cpuSeconds: 7 }),
});
const dropped = (letter: string, lostMs?: number): LabEvent => ({
  ...{ e: 'task-checkpoint-dropped', task, hash: hashOf(letter), reason: because, lostMs },
});
const lost = (lostMs: number, avoid = null as typeof a | null): LabEvent => ({
  ...{ e: 'task-attempt-lost', task, epoch: epoch(1), reason: because, lostMs, avoid },
});
const retried = (avoid: typeof a | null = a): LabEvent => ({
  ...{ e: 'task-retried', task, exitCode: 3, reason: because, log: hashOf('d'), avoid },
});
const end = { task, outputs: [], log: hashOf('e'), cpuSeconds: 20 };
const done: LabEvent = { e: 'task-done', ...end, exitCode: 0 };
const failed: LabEvent = { e: 'task-failed', ...end, exitCode: 1, reason: because };

/** One job of one task, and a second between any two events. */
function after(...events: readonly LabEvent[]): ToldLab {
  const lab = new ToldLab();
  lab.pc('a');
  lab.pc('b');
  lab.job();
  lab.happens({ e: 'night-opened', night: 1 });
  for (const event of events) lab.passes(1000).happens(event);
  return lab;
}

describe('a task', () => {
  test.each<[string, readonly LabEvent[], object]>([
    [
      'that was placed has an attempt that does not run yet',
      [placed],
      {
        state: 'running',
        epoch: 1,
        home: a,
        attempt: { phase: 'starting', machine: a },
        runningSince: null,
      },
    ],
    ['that was started runs', [placed, started], { attempt: { phase: 'running' }, lastMachine: a }],
    [
      'that is on its way is still its source’s, and its number is the new one',
      [placed, started, begun],
      {
        epoch: 2,
        attempt: { epoch: 1, machine: a, phase: 'leaving', move: { to: b, toEpoch: 2 } },
      },
    ],
    [
      'that moved is its target’s',
      [placed, started, begun, moved],
      {
        attempt: { epoch: 2, machine: b, phase: 'running', move: null },
        migrations: [{ from: a, to: b, totalMs: 0 }],
        lastMachine: b,
      },
    ],
    [
      'whose move failed runs on where it was, and no number is used twice',
      [placed, started, begun, { e: 'task-move-failed', task, to: b, reason: because }],
      {
        epoch: 2,
        reason: because,
        attempt: { epoch: 1, machine: a, phase: 'running', move: null },
      },
    ],
    ['that was saved runs on', [placed, started, saved('a')], { state: 'running', cpuSeconds: 7 }],
    [
      'that was suspended is on no PC',
      [placed, started, saved('a', true)],
      { state: 'suspended', attempt: null },
    ],
    [
      'that was lost with a checkpoint waits to go on',
      [placed, started, saved('a'), lost(5)],
      { state: 'suspended', attempt: null, restartsFromZero: 0 },
    ],
    [
      'that was lost without one begins again',
      [placed, started, lost(5)],
      { state: 'queued', attempt: null, restartsFromZero: 1, lostMs: 5 },
    ],
    ['that was lost before it ran has lost nothing', [placed, lost(0)], { restartsFromZero: 0 }],
    [
      'avoids a PC once, however often it fails there',
      [placed, lost(0, a), placed, lost(0, a)],
      { avoid: [a] },
    ],
    [
      'that is done is over',
      [placed, started, saved('a'), done],
      { state: 'done', attempt: null, checkpoints: [], exitCode: 0 },
    ],
    [
      'that failed says why',
      [placed, started, failed],
      { state: 'failed', reason: because, exitCode: 1 },
    ],
    [
      'that is tried again begins from zero',
      [placed, started, saved('a'), retried()],
      {
        state: 'queued',
        checkpoints: [],
        failures: 1,
        restartsFromZero: 1,
        avoid: [a],
        exitCode: 3,
      },
    ],
    [
      'that was taken back waits for its PC',
      [placed, recalled],
      { attempt: { phase: 'recalled', recalledFor: because } },
    ],
    [
      'that is ended is being ended',
      [placed, started, { e: 'task-stopping', task }],
      { attempt: { phase: 'stopping' } },
    ],
    [
      'that was cancelled is over',
      [placed, { e: 'task-cancelled', task }],
      { state: 'cancelled', attempt: null },
    ],
    ['is blamed once for one PC', [placed, blamed(), blamed()], { broke: [a] }],
    ['is blamed for each PC', [placed, blamed(), blamed(b)], { broke: [a, b] }],
    [
      'that a PC was left well by is blamed no more',
      [placed, started, blamed(), saved('a', true)],
      { broke: [] },
    ],
    ['that moved well is blamed no more', [placed, started, blamed(), begun, moved], { broke: [] }],
    [
      'that was held and let go begins with a clean slate',
      [blamed(), held, { e: 'task-let-go', task }],
      { heldFor: null, broke: [] },
    ],
    [
      'is cleared of the one PC that came back',
      [blamed(), blamed(b), held, { e: 'task-cleared', task, machine: a }],
      { heldFor: null, broke: [b] },
    ],
  ])('%s', (_what, events, expected) => {
    expect(after(...events).task(task)).toMatchObject(expected);
  });

  test('changes nothing when it has no attempt any more', () => {
    for (const late of [started, begun, moved, recalled, { e: 'task-stopping', task } as const])
      expect(after(placed, started, done, late).task(task).attempt).toBeNull();
  });

  test('that the lab does not know is passed over', () => {
    const lab = after({ e: 'task-stopping', task: '9.0' as TaskId });
    expect(lab.state.tasks.size).toBe(0);
  });
});

describe('checkpoints', () => {
  const letters = (...events: readonly LabEvent[]): string[] =>
    after(placed, started, ...events)
      .task(task)
      .checkpoints.map(({ hash }) => hash.slice(0, 1));

  test('are two at the most, the newest first', () => {
    expect(letters(saved('a'), saved('b'), saved('c'))).toEqual(['c', 'b']);
  });

  test('leave one by one, and the last leaves zero to begin from', () => {
    expect(letters(saved('a'), saved('b'), dropped('b'))).toEqual(['a']);
    expect(letters(saved('a'), dropped('x'))).toEqual(['a']);
    const gone = after(placed, started, saved('a', true), dropped('a', 4000)).task(task);
    expect(gone).toMatchObject({ state: 'queued', restartsFromZero: 1, lostMs: 4000 });
    // One that runs goes on, whatever is left of it on the disk.
    expect(after(placed, started, saved('a'), dropped('a', 1)).task(task).state).toBe('running');
  });
});

describe('the time that a task ran', () => {
  test.each<[string, readonly LabEvent[], number, boolean]>([
    ['is none before it has started', [placed, lost(0)], 0, false],
    ['goes from its start to its end', [placed, started, saved('a'), done], 2000, false],
    ['goes on while it runs', [placed, started, saved('a')], 0, true],
    ['goes on through a move', [placed, started, begun, moved, done], 3000, false],
    [
      'is the sum of its attempts',
      [placed, started, lost(0), placed, started, lost(0)],
      2000,
      false,
    ],
    [
      'goes on while it is taken back, since it may run until its PC has answered',
      [placed, started, recalled, lost(0)],
      2000,
      false,
    ],
    ['does not begin with a recall', [placed, recalled, lost(0)], 0, false],
  ])('%s', (_what, events, ranMs, isRunning) => {
    const { ranMs: ran, runningSince } = after(...events).task(task);
    expect([ran, runningSince !== null]).toEqual([ranMs, isRunning]);
  });

  test('is never less for a wall clock that was put back', () => {
    const lab = after(placed, started);
    lab.wall -= 60_000;
    lab.happens(done);
    expect(lab.task(task).ranMs).toBe(0);
  });
});

describe('figures of a move', () => {
  const measured = (to: typeof a): LabEvent => ({
    ...{ e: 'task-move-measured', task, to, bytes: 5, freezeMs: 6, totalMs: 7 },
  });

  test('belong to the last one to that PC, and may come late', () => {
    expect(
      after(placed, started, begun, moved, done, measured(b)).task(task).migrations,
    ).toMatchObject([{ to: b, bytes: 5, freezeMs: 6, totalMs: 7 }]);
  });

  test('of a move that nobody knows are passed over', () => {
    expect(after(placed, started, begun, moved, measured(a)).task(task).migrations).toMatchObject([
      { to: b, bytes: 0 },
    ]);
  });
});

describe('the night counts', () => {
  test.each<[string, readonly LabEvent[], object]>([
    [
      'what is done, and what it used',
      [placed, started, done],
      { tasksDone: 1, tasksFailed: 0, cpuSeconds: 20 },
    ],
    ['what failed', [placed, started, failed], { tasksFailed: 1, tasksDone: 0 }],
    ['checkpoints', [placed, started, saved('a'), saved('b')], { checkpoints: 2 }],
    [
      'lost work, with the PC it was done on',
      [placed, started, lost(9)],
      { lostMs: 9, losses: [{ task, machine: a, lostMs: 9 }] },
    ],
    ['no loss of nothing', [placed, lost(0)], { lostMs: 0, losses: [] }],
    [
      'work that was only in a checkpoint',
      [placed, started, saved('a', true), dropped('a', 8)],
      { lostMs: 8, losses: [{ reason: { code: 'checkpoint-lost' } }] },
    ],
    [
      'no loss where an older head did not say one',
      [placed, started, saved('a', true), dropped('a')],
      { lostMs: 0, losses: [] },
    ],
  ])('%s', (_what, events, expected) => {
    expect(after(...events).state.night).toMatchObject(expected);
  });

  test('names five hundred losses at the most, the newest, and counts all', () => {
    const lab = after();
    for (let at = 1; at <= 501; at += 1) lab.happens(placed, lost(at));
    expect(lab.state.night.losses).toHaveLength(500);
    expect(lab.state.night.losses.map(({ lostMs }) => lostMs).slice(0, 2)).toEqual([2, 3]);
    expect(lab.state.night.lostMs).toBe((501 * 502) / 2);
  });
});
