import { saidReason } from '../../../../shared/domain/reasons.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  epochMillis,
  gibibytes,
  monotonicMillis,
  type EpochMillis,
} from '../../../../shared/base/units.ts';
import {
  blobHash,
  epoch,
  jobId,
  memberId,
  taskIdOf,
  type TaskId,
} from '../../../../shared/domain/ids.ts';
import type { Task } from '../../../../shared/domain/job.ts';
import { defaultTaskMemory } from '../../../../shared/domain/settings.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import { mayStart, tasksAhead } from '../../../../src-main/core/plan/queue-order.ts';
import { labEvents } from '../../../../src-main/core/log-form/event-form.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { taskIndexes } from '../../../../src-main/core/state/new-task.ts';
import {
  emptyLab,
  isOver,
  machinesOf,
  seenOf,
  type LabState,
} from '../../../../src-main/core/state/state.ts';
import { beginTurn } from '../../../../src-main/core/state/turn.ts';
import { indexesInOrder } from '../../../../src-main/core/state/waiting-queue.ts';
import { MemoryEventStore } from '../../../../src-sim/memory-event-store.ts';
import { loadLab, projectionsOf } from '../../../../src-main/shells/lab-rows.ts';
import { SeededRng } from '../../../../src-sim/seeded-rng.ts';
import { factsOf, plainSpec } from '../../../../src-sim/simulated-lab.ts';

const pcs = [memberId('pc-01'), memberId('pc-02')];
const hash = blobHash('a'.repeat(64));

/** What may happen to a lab; `at` chooses the task or the job it happens to. */
const happening = fc.oneof(
  fc.record({
    what: fc.constant('submit' as const),
    count: fc.integer({ min: 1, max: 12 }),
    priority: fc.integer({ min: -1, max: 1 }),
    afterLast: fc.boolean(),
    at: fc.nat(),
  }),
  fc.record({
    what: fc.constantFrom('place', 'place', 'place', 'start', 'suspend', 'lose', 'retry', 'done'),
    at: fc.nat(),
  }),
  fc.record({
    what: fc.constantFrom('fail', 'drop', 'move', 'cancel', 'hold', 'resume'),
    at: fc.nat(),
  }),
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

it('keeps the one order, its counts and what members have to give as if they were found anew, on every event and from the store', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const state = emptyLab();
      const store = new MemoryEventStore<LabEvent>(labEvents);
      play(state, store, (emit) => {
        for (const member of pcs) {
          const facts = { ...factsOf(member), processors: 64, memory: gibibytes(64) };
          emit({ e: 'member-enrolled', member, name: member, seat: null, facts });
          emit({ e: 'member-arrived', member, facts });
        }
      });
      for (const member of state.members.values()) seenOf(state, member).linked = true;
      for (const one of happenings) {
        play(state, store, (emit) => {
          for (const event of eventsOf(state, one)) emit(event);
        });
        compare(state);
      }
      const read = loadLab(store, monotonicMillis(0));
      for (const member of read.members.values()) seenOf(read, member).linked = true;
      compare(read);
      expect(told(read)).toEqual(told(state));
      expect(read.index.tallies).toEqual(state.index.tallies);
      expect(new Map(read.tasks)).toEqual(new Map(state.tasks));
    }),
    { numRuns: 100 },
  );
}, 60_000);

function play(
  state: LabState,
  store: MemoryEventStore<LabEvent>,
  act: (emit: (event: LabEvent) => void) => void,
): void {
  const at = epochMillis(1000 + store.lastSeq());
  const turn = beginTurn(state, practiceTimings, new SeededRng(1), monotonicMillis(0), at);
  act((event) => turn.emit(event));
  store.append(at, turn.events, projectionsOf(state, [turn]));
}

function eventsOf(state: LabState, one: Happening): LabEvent[] {
  const pick = <Value>(values: readonly Value[]): Value | undefined =>
    values[one.at % Math.max(1, values.length)];
  if (one.what === 'submit') {
    const id = jobId(String(state.nextJob));
    const last = jobId(String(state.nextJob - 1));
    const spec = {
      ...plainSpec,
      array: { first: 2, last: one.count + 1 },
      priority: one.priority,
      after: one.afterLast && state.jobs.has(last) ? [last] : [],
    };
    const submittedAt = epochMillis(1);
    return [{ e: 'job-submitted', job: { id, spec, submittedAt, held: false, cancelled: false } }];
  }
  const job = pick([...state.jobs.values()]);
  if (!job) return [];
  if (one.what === 'hold') return [{ e: 'job-held', job: job.id }];
  if (one.what === 'resume') return [{ e: 'job-resumed', job: job.id }];
  if (one.what === 'cancel') {
    const waiting = tasksOf(state).filter(({ job: of, attempt }) => of === job.id && !attempt);
    return [
      { e: 'job-cancelled', job: job.id },
      { e: 'job-queue-cancelled', job: job.id },
      ...waiting
        .filter((task) => !isOver(task) && state.tasks.has(task.id))
        .map(({ id }) => ({ e: 'task-cancelled', task: id }) as const),
    ];
  }
  if (one.what === 'place') {
    const task = pick(tasksOf(state).filter(waits));
    const machine = pick(pcs) ?? memberId('');
    return task
      ? [{ e: 'task-placed', task: task.id, epoch: epoch(task.epoch + 1), machine, from: null }]
      : [];
  }
  if (one.what === 'drop') {
    const task = pick(tasksOf(state).filter(({ state: is }) => is === 'suspended'));
    return task
      ? [{ e: 'task-checkpoint-dropped', task: task.id, hash, reason: saidReason('bad') }]
      : [];
  }
  const active = pick(tasksOf(state).filter(({ attempt }) => attempt !== null));
  return active ? ofActive(one.what, active) : [];
}

function ofActive(what: Exclude<Happening['what'], 'submit'>, task: Task): LabEvent[] {
  const { id, epoch: number } = task;
  const ended = {
    task: id,
    exitCode: 1,
    reason: saidReason('so'),
    outputs: [],
    log: null,
    cpuSeconds: 1,
  };
  switch (what) {
    case 'start':
      return [{ e: 'task-started', task: id, epoch: number, resumed: false }];
    case 'suspend': {
      const of = { hash, size: 1, takenAt: 1 as EpochMillis, epoch: number, cpuSeconds: 1 };
      const checkpoint = { ...of, log: null, cpuFeatures: [] };
      return [{ e: 'task-saved', task: id, checkpoint, suspended: true, freezeMs: 1 }];
    }
    case 'lose':
      return [
        {
          e: 'task-attempt-lost',
          task: id,
          epoch: number,
          reason: saidReason('so'),
          lostMs: 0,
          avoid: null,
        },
      ];
    case 'retry':
      return [
        {
          e: 'task-retried',
          task: id,
          exitCode: 1,
          reason: saidReason('so'),
          log: null,
          avoid: null,
        },
      ];
    case 'done':
      return [{ e: 'task-done', ...ended, exitCode: 0 }];
    case 'fail':
      return [{ e: 'task-failed', ...ended }];
    case 'move': {
      const to = pcs.find((pc) => pc !== task.attempt?.machine) ?? memberId('');
      if (task.attempt?.move) return [{ e: 'task-moved', task: id, toEpoch: number }];
      return [
        {
          e: 'task-move-begun',
          task: id,
          to,
          toEpoch: epoch(number + 1),
          because: saidReason('so'),
        },
      ];
    }
    default:
      return [];
  }
}

const waits = (task: Task): boolean => task.state === 'queued' || task.state === 'suspended';

function tasksOf(state: LabState): Task[] {
  return [...state.jobs.values()].flatMap((job) => {
    const { first, last } = taskIndexes(job);
    return Array.from({ length: last - first + 1 }, (_, at) => {
      const task = state.tasks.get(taskIdOf(job.id, first + at));
      if (!task) throw new Error('a job without its task');
      return task;
    });
  });
}

/** The order as the words say it: priority, older job, suspended before fresh, index. */
function inOrder(state: LabState): Task[] {
  const rank = (task: Task): number[] => [
    -(state.jobs.get(task.job)?.spec.priority ?? 0),
    Number(task.job),
    task.state === 'suspended' ? 0 : 1,
    task.index,
  ];
  return tasksOf(state)
    .filter(waits)
    .sort((a, b) => {
      const [one, other] = [rank(a), rank(b)];
      const at = one.findIndex((value, place) => value !== other[place]);
      return (one[at] ?? 0) - (other[at] ?? 0);
    });
}

const told = (state: LabState): [TaskId, number][] => {
  const ahead = tasksAhead(state);
  return inOrder(state).map((task) => [task.id, ahead(task)]);
};

function compare(state: LabState): void {
  const { index } = state;
  const walked = index.queue
    .jobs()
    .flatMap((waiting) => [...indexesInOrder(waiting)].map((at) => taskIdOf(waiting.job, at)));
  const order = inOrder(state);
  expect(walked).toEqual(order.map(({ id }) => id));

  let before = 0;
  const ahead = tasksAhead(state);
  for (const task of order) {
    const job = state.jobs.get(task.job);
    // Of a job that may not start only its own tasks are ahead, and it is told that it may not.
    if (!job || !mayStart(state, job)) continue;
    expect(ahead(task), task.id).toBe(before);
    before += 1;
  }

  const tasks = tasksOf(state);
  for (const job of state.jobs.values()) {
    const own = tasks.filter((task) => task.job === job.id);
    const open = own.filter((task) => !isOver(task)).length;
    expect(index.open.get(job.id)).toBe(open);
    expect(index.cancelling.has(job.id)).toBe(job.cancelled && open > 0);
    expect(index.holding.has(job.id)).toBe(job.held && !job.cancelled && open > 0);
    expect([...(index.activeOf.get(job.id) ?? [])].sort()).toEqual(
      own.flatMap(({ id, attempt }) => (attempt ? [id] : [])).sort(),
    );
    const counts: Record<string, number> = index.tallies.get(job.id)?.counts ?? {};
    for (const [is, count] of Object.entries(counts))
      expect(count, is).toBe(own.filter((task) => task.state === is).length);
    const last = Math.max(0, ...own.map(({ finishedAt }) => finishedAt ?? 0));
    expect(index.tallies.get(job.id)?.finishedAt ?? 0).toBe(last);
    expect([...index.queue.untouchedOf(job.id)]).toEqual(
      own.filter(({ id }) => !state.tasks.has(id)).map((task) => task.index),
    );
  }
  expect([...index.active].sort()).toEqual(
    tasks
      .filter(({ attempt }) => attempt)
      .map(({ id }) => id)
      .sort(),
  );
  for (const pc of pcs) {
    const here = tasks.filter((task) => machinesOf(task).includes(pc));
    expect([...(index.on.get(pc) ?? [])].sort()).toEqual(here.map(({ id }) => id).sort());
    expect(index.used.get(pc) ?? { cpus: 0, memory: 0 }).toEqual({
      cpus: here.length,
      memory: here.length * defaultTaskMemory,
    });
  }
}
