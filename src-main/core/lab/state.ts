import type { EpochMillis, MonotonicMillis } from '../../../shared/base/units.ts';
import {
  taskIdOf,
  type BlobHash,
  type JobId,
  type MemberId,
  type TaskId,
} from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import { bytes, epochMillis } from '../../../shared/base/units.ts';
import { epoch } from '../../../shared/domain/ids.ts';

/** What the night amounts to so far; begins anew when a night opens. */
export interface NightTally {
  number: number;
  openedAt: EpochMillis;
  checkpoints: number;
  lostMs: number;
  tasksDone: number;
  tasksFailed: number;
  cpuSeconds: number;
}

/**
 * All the head knows of its lab. Changed only by `applyEvent` (what is in the log) and, for what a restart may
 * forget, by the deciders (`links`: who is heard, loads, what is being saved).
 *
 * It is changed in place: a lab holds 10,000 tasks and copying maps for every event would cost more than all decisions.
 */
export interface LabState {
  nextJob: number;
  night: NightTally;
  readonly members: Map<MemberId, Member>;
  readonly jobs: Map<JobId, Job>;
  readonly tasks: Map<TaskId, Task>;
  readonly index: LabIndex;
  readonly transient: Transient;
}

/** Derived from the rest; rebuilt at start. */
export interface LabIndex {
  /** Tasks that hold slots on a member, or are on their way to it. */
  readonly on: Map<MemberId, Set<TaskId>>;
  /** Waiting tasks by job, suspended ones apart because they go first. */
  readonly waiting: Map<JobId, { readonly suspended: Set<TaskId>; readonly queued: Set<TaskId> }>;
  /** Tasks that are neither done, failed nor cancelled, by job. */
  readonly open: Map<JobId, number>;
  /** Jobs with a task that failed or was cancelled: what was to start only if they are done never starts. */
  readonly unsuccessful: Set<JobId>;
  /** Tasks with an attempt. */
  readonly active: Set<TaskId>;
}

/** What the two ends of a move have said of it. After a restart of the head: as if `sent`, and nobody has said anything. */
export interface MoveUnderWay {
  readonly ticket: string;
  readonly since: MonotonicMillis;
  /** The source was told to freeze and send it. Before that no target can have it. */
  sent: boolean;
  /** When the target was last asked whether it has it. */
  askedAt: MonotonicMillis | null;
  /** When the target first said so. */
  arrivedAt: MonotonicMillis | null;
  /** The source has said that it holds it no more. */
  sourceGone: boolean;
  /** When the source was last told to drop its copy. */
  toldSourceAt: MonotonicMillis | null;
}

/** What a restart of the head may forget. */
export interface Transient {
  /** Saves under way: asked of the member, no answer yet. */
  readonly saving: Map<
    TaskId,
    { readonly then: 'continue' | 'suspend'; readonly since: MonotonicMillis }
  >;
  /** A task whose save failed is not asked again before this. */
  readonly saveNotBefore: Map<TaskId, MonotonicMillis>;
  /** Why the last save failed. */
  readonly saveFault: Map<TaskId, string>;
  /** Why the head refused the results of a program that has ended; its member sends them again. */
  readonly resultsWait: Map<TaskId, string>;
  /** How often the results of the attempt that holds the task were asked for again. */
  readonly askedAgain: Map<TaskId, number>;
  /** When the task last began to run, was saved, or moved, on this head's clock. */
  readonly quietSince: Map<TaskId, MonotonicMillis>;
  readonly moves: Map<TaskId, MoveUnderWay>;
  /** When the member of an attempt that is taken back was told so last. */
  readonly recalledAt: Map<TaskId, MonotonicMillis>;
  /** A program that ended at its target while the source has yet to confirm that it let it go. */
  readonly endedEarly: Map<
    TaskId,
    {
      readonly member: MemberId;
      readonly report: Extract<ToHead, { readonly t: 'ended' }>;
      readonly absent: ReadonlySet<BlobHash>;
    }
  >;
  /** A balancing move of a task is not considered before this. */
  readonly moveNotBefore: Map<TaskId, MonotonicMillis>;
  /** Tasks that failed by a machine's fault since something last went well there, for quarantine. */
  readonly faults: Map<MemberId, Set<TaskId>>;
  /** Failed restores of a checkpoint. */
  readonly badRestores: Map<BlobHash, number>;
  /** A task whose restore failed is not placed again before this: what ails a PC may pass. */
  readonly placeNotBefore: Map<TaskId, MonotonicMillis>;
  /** Members that hold an attempt the log does not know yet, which should not be; see `refuseWhoKnowsMore`. */
  readonly ahead: Map<MemberId, TaskId>;
  nextBalance: MonotonicMillis;
}

export function emptyLab(): LabState {
  return {
    nextJob: 1,
    night: emptyTally(0, epochMillis(0)),
    members: new Map(),
    jobs: new Map(),
    tasks: new Map(),
    index: {
      on: new Map(),
      waiting: new Map(),
      open: new Map(),
      unsuccessful: new Set(),
      active: new Set(),
    },
    transient: {
      saving: new Map(),
      saveNotBefore: new Map(),
      saveFault: new Map(),
      resultsWait: new Map(),
      askedAgain: new Map(),
      quietSince: new Map(),
      moves: new Map(),
      recalledAt: new Map(),
      endedEarly: new Map(),
      moveNotBefore: new Map(),
      faults: new Map(),
      badRestores: new Map(),
      placeNotBefore: new Map(),
      ahead: new Map(),
      nextBalance: 0 as MonotonicMillis,
    },
  };
}

export const emptyTally = (number: number, openedAt: EpochMillis): NightTally => ({
  number,
  openedAt,
  checkpoints: 0,
  lostMs: 0,
  tasksDone: 0,
  tasksFailed: 0,
  cpuSeconds: 0,
});

/** A task as it is when its job has just been submitted. */
export function newTask(job: JobId, index: number): Task {
  return {
    id: taskIdOf(job, index),
    job,
    index,
    state: 'queued',
    epoch: epoch(0),
    attempt: null,
    checkpoints: [],
    failures: 0,
    cpuSeconds: 0,
    memory: bytes(0),
    exitCode: null,
    reason: null,
    outputs: [],
    log: null,
    migrations: [],
    startedAt: null,
    ranMs: 0,
    runningSince: null,
    lastMachine: null,
    finishedAt: null,
    restartsFromZero: 0,
    lostMs: 0,
    home: null,
    avoid: [],
  };
}

/** Indexes of a job's tasks: its array, or the one task 0. */
export function taskIndexes(job: Job): { readonly first: number; readonly last: number } {
  return job.spec.array ?? { first: 0, last: 0 };
}

export const isOver = (task: Task): boolean =>
  task.state === 'done' || task.state === 'failed' || task.state === 'cancelled';

/** Puts a task where its state says in the index; called after every change of a task. */
export function reindexTask(
  state: LabState,
  task: Task,
  before: { state: Task['state']; machines: readonly MemberId[] },
): void {
  const { index } = state;
  for (const machine of before.machines) index.on.get(machine)?.delete(task.id);
  for (const machine of machinesOf(task)) {
    let there = index.on.get(machine);
    if (!there) index.on.set(machine, (there = new Set()));
    there.add(task.id);
  }
  if (task.attempt) index.active.add(task.id);
  else index.active.delete(task.id);
  let waiting = index.waiting.get(task.job);
  if (!waiting)
    index.waiting.set(task.job, (waiting = { suspended: new Set(), queued: new Set() }));
  waiting.suspended.delete(task.id);
  waiting.queued.delete(task.id);
  if (task.state === 'suspended') waiting.suspended.add(task.id);
  if (task.state === 'queued') waiting.queued.add(task.id);
  if (waiting.suspended.size + waiting.queued.size === 0) index.waiting.delete(task.job);
  const wasOver =
    before.state === 'done' || before.state === 'failed' || before.state === 'cancelled';
  if (!wasOver && isOver(task)) index.open.set(task.job, (index.open.get(task.job) ?? 1) - 1);
  if (isOver(task) && task.state !== 'done') index.unsuccessful.add(task.job);
}

/** Where a task takes up room: its machine and, while it moves, the one it moves to. */
export function machinesOf(task: Task): readonly MemberId[] {
  if (!task.attempt) return [];
  return task.attempt.move ? [task.attempt.machine, task.attempt.move.to] : [task.attempt.machine];
}
