import { describe, expect, test } from 'vitest';
import { epochMillis, gibibytes, monotonicMillis } from '../../../../shared/base/units.ts';
import { epoch, jobId, memberId, taskIdOf } from '../../../../shared/domain/ids.ts';
import { saidReason } from '../../../../shared/domain/reasons.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import { carryOut, snapshotOf } from '../../../../src-main/core/plan/balance.ts';
import { planMoves, type Move } from '../../../../src-main/core/plan/plan-moves.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { emptyLab, seenOf, type LabState } from '../../../../src-main/core/state/state.ts';
import { beginTurn, type Turn } from '../../../../src-main/core/state/turn.ts';
import { SeededRng } from '../../../../src-sim/seeded-rng.ts';
import { factsOf, plainSpec } from '../../../../src-sim/simulated-lab.ts';

const [slow, fast, third] = [memberId('slow'), memberId('fast'), memberId('third')];
const job = jobId('1');
const task = taskIdOf(job, 1);

const turnOf = (state: LabState): Turn =>
  beginTurn(state, practiceTimings, new SeededRng(1), monotonicMillis(0), epochMillis(1));

function happen(state: LabState, events: readonly LabEvent[]): void {
  const turn = turnOf(state);
  for (const event of events) turn.emit(event);
}

/** Three PCs, and a task that has run for ten minutes on the slow one. */
function lab(): LabState {
  const state = emptyLab();
  for (const [member, speed] of [
    [slow, 500],
    [fast, 1000],
    [third, 500],
  ] as const) {
    const facts = { ...factsOf(member), speed, processors: 1, memory: gibibytes(4) };
    happen(state, [
      { e: 'member-enrolled', member, name: member, seat: null, facts },
      { e: 'member-arrived', member, facts },
    ]);
  }
  for (const member of state.members.values()) seenOf(state, member).linked = true;
  const spec = { ...plainSpec, array: { first: 1, last: 1 } };
  const submittedAt = epochMillis(1);
  happen(state, [
    { e: 'job-submitted', job: { id: job, spec, submittedAt, held: false, cancelled: false } },
    { e: 'task-placed', task, epoch: epoch(1), machine: slow, from: null },
    { e: 'task-started', task, epoch: epoch(1), resumed: false },
  ]);
  return state;
}

const planned: Move = {
  ...{ task, epoch: epoch(1), from: slow, to: fast },
  ...{ because: saidReason('it is faster'), gains: 300, costs: 1 },
};

const begun = (state: LabState, move: Move): readonly string[] => {
  const turn = turnOf(state);
  carryOut(turn, move);
  return turn.events.map(({ e }) => e);
};

describe('a planned move', () => {
  test('is begun while all is as it was when it was planned', () => {
    expect(begun(lab(), planned)).toEqual(['task-move-begun']);
  });

  test.each<[string, readonly LabEvent[]]>([
    [
      'the task moves already',
      [{ e: 'task-move-begun', task, to: third, toEpoch: epoch(2), because: saidReason('so') }],
    ],
    [
      'it has moved since',
      [
        { e: 'task-move-begun', task, to: third, toEpoch: epoch(2), because: saidReason('so') },
        { e: 'task-moved', task, toEpoch: epoch(2) },
      ],
    ],
    [
      'it was lost and placed anew, on the same PC',
      [
        {
          e: 'task-attempt-lost',
          task,
          epoch: epoch(1),
          reason: saidReason('so'),
          lostMs: 0,
          avoid: null,
        },
        { e: 'task-placed', task, epoch: epoch(2), machine: slow, from: null },
        { e: 'task-started', task, epoch: epoch(2), resumed: false },
      ],
    ],
    ['its job is held', [{ e: 'job-held', job }]],
    ['its job was removed', [{ e: 'job-removed', job, because: saidReason('so') }]],
    ['the target is cordoned', [{ e: 'member-cordoned', member: fast, because: saidReason('so') }]],
    ['the target is lost', [{ e: 'member-lost', member: fast }]],
    ['the target was forgotten', [{ e: 'member-forgotten', member: fast }]],
    [
      'the target has less memory than it had',
      [
        {
          e: 'member-described',
          member: fast,
          facts: { ...factsOf(fast), processors: 1, memory: gibibytes(1 / 16) },
        },
      ],
    ],
    [
      'the target has not the software any more',
      [
        {
          e: 'member-described',
          member: fast,
          facts: { ...factsOf(fast), processors: 1, packs: [] },
        },
      ],
    ],
  ])('is not begun when %s', (_what, since) => {
    const state = lab();
    happen(state, since);
    expect(begun(state, planned)).toEqual([]);
  });

  test('is not begun when somebody else has taken the room there', () => {
    const state = lab();
    const other = jobId('2');
    const spec = { ...plainSpec, array: { first: 1, last: 1 } };
    happen(state, [
      {
        e: 'job-submitted',
        job: { id: other, spec, submittedAt: epochMillis(2), held: false, cancelled: false },
      },
      { e: 'task-placed', task: taskIdOf(other, 1), epoch: epoch(1), machine: fast, from: null },
    ]);
    expect(begun(state, planned)).toEqual([]);
  });

  test('is not begun while the task is being saved, nor soon after its last move', () => {
    const state = lab();
    state.transient.saving.set(task, {
      purpose: 'checkpoint',
      askedAt: monotonicMillis(0),
    } as never);
    expect(begun(state, planned)).toEqual([]);
    state.transient.saving.delete(task);
    state.transient.moveNotBefore.set(task, monotonicMillis(1));
    expect(begun(state, planned)).toEqual([]);
  });
});

test('what the planner sees is a value: a copy of it makes the same plan', () => {
  const state = lab();
  const seen = snapshotOf(turnOf(state));
  if (!seen) throw new Error('there is nothing to plan');
  expect(
    seen.members.map(({ id, processors, usedProcessors }) => [id, processors, usedProcessors]),
  ).toEqual([
    ['slow', 1, 1],
    ['fast', 1, 0],
    ['third', 1, 0],
  ]);
  expect(seen.tasks).toMatchObject([
    { id: task, epoch: 1, on: 'slow', cpus: 1, pack: plainSpec.pack },
  ]);
  const copy = structuredClone(seen);
  expect(copy).toEqual(seen);
  expect(planMoves(copy)).toEqual(planMoves(seen));
});
