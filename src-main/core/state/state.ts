import type { Reason } from '../../../shared/domain/reasons.ts';
import type { Bytes, EpochMillis, MonotonicMillis } from '../../../shared/base/units.ts';
import type { BlobHash, JobId, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Migration, Task, TaskState } from '../../../shared/domain/job.ts';
import type { Member, MemberLoad, Seat } from '../../../shared/domain/member.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import { bytes, epochMillis, hours, millis, type Millis } from '../../../shared/base/units.ts';
import { FeatureLists } from './feature-lists.ts';
import { TaskBook } from './task-book.ts';
import { WaitingQueue } from './waiting-queue.ts';

/** Work that has to be done again. */
export interface Loss {
  readonly task: TaskId;
  /** The PC it was done on. */
  readonly machine: MemberId;
  readonly at: EpochMillis;
  readonly lostMs: number;
  readonly reason: Reason;
}

/** The newest night and what it amounts to so far; another one when a night opens. */
export interface NightTally {
  number: number;
  openedAt: EpochMillis;
  /** Null while it goes on. */
  endedAt: EpochMillis | null;
  checkpoints: number;
  lostMs: number;
  /** Each loss that counts into it, oldest first. */
  losses: readonly Loss[];
  tasksDone: number;
  tasksFailed: number;
  cpuSeconds: number;
  /** What the report tells of tasks that have left since the night began; a row of an older version lacks it. */
  gone?: {
    readonly moves: (Migration & { readonly task: TaskId })[];
    /** Null: an older version did not say why. */
    readonly failures: { readonly task: TaskId; readonly reason: Reason | null }[];
  };
}

/** What events made, and nothing else: the log played again makes it anew, and rows keep it. Changed by `applyEvent` only. */
export interface DurableLab {
  nextJob: number;
  night: NightTally;
  /** How long jobs are kept that are over. */
  keepFor: Millis;
  /** Where PCs stand, by machine key: of PCs that were never here, too, for the evening on which they come. */
  readonly seats: Map<string, Seat>;
  /** Names of PCs that were forgotten, and when: a certificate may still bear one. */
  readonly retired: Map<MemberId, EpochMillis>;
  readonly members: Map<MemberId, Member>;
  readonly jobs: Map<JobId, Job>;
  readonly tasks: TaskBook;
}

/**
 * All the head knows of its lab: what is durable, what follows from that (`index`), what is seen of the PCs as they report
 * (`seen`) and what a restart may forget (`transient`). The last two are changed by the deciders and are never stored.
 *
 * It is changed in place: a lab holds 10,000 tasks and copying maps for every event would cost more than all decisions.
 */
export interface LabState extends DurableLab {
  readonly index: LabIndex;
  readonly seen: Map<MemberId, MemberSeen>;
  readonly transient: Transient;
}

/** What is seen of a PC from moment to moment. */
export interface MemberSeen {
  /** Whether a link is up at this moment; a suspect member may have none. */
  linked: boolean;
  /** The member may act on its lease until it freezes itself; the head waits longer than that. */
  heardAt: MonotonicMillis;
  load: MemberLoad;
  /** What its member system said it can, see `capabilities`. */
  can: readonly string[];
}

/** Derived from the rest, kept by `addTasks` and `reindexTask`; rebuilt at start. */
export interface LabIndex {
  /** Tasks that hold slots on a member, or are on their way to it. */
  readonly on: Map<MemberId, Set<TaskId>>;
  /** What these take of it. */
  readonly used: Map<MemberId, { cpus: number; memory: number }>;
  /** Waiting tasks, in the order in which they go. */
  readonly queue: WaitingQueue;
  /** Tasks that are neither done, failed nor cancelled, by job. */
  readonly open: Map<JobId, number>;
  /** Jobs with a task that failed or was cancelled. */
  readonly unsuccessful: Set<JobId>;
  /** Jobs that never start: one that they were to start after is unsuccessful, or never starts itself. */
  readonly hopeless: Set<JobId>;
  /** Which jobs start only once this one is done. */
  readonly awaitedBy: Map<JobId, JobId[]>;
  /** How many of a job's tasks are what, and when the last of those that are over ended. */
  readonly tallies: Map<JobId, JobTally>;
  /** Tasks with an attempt. */
  readonly active: Set<TaskId>;
  /** The same by job, of jobs that have any. */
  readonly activeOf: Map<JobId, Set<TaskId>>;
  /** Tasks that are held by themselves, by job. */
  readonly held: Map<JobId, Set<TaskId>>;
  /** Cancelled jobs that are not over yet. */
  readonly cancelling: Set<JobId>;
  /** Held jobs that are not over yet and not cancelled. */
  readonly holding: Set<JobId>;
}

export interface JobTally {
  readonly counts: Record<TaskState, number>;
  finishedAt: EpochMillis | null;
}

export interface TaskUsage {
  /** Processor time of all its attempts that were not lost. */
  readonly cpuSeconds: number;
  /** Resident. */
  readonly memory: Bytes;
}

/** What the two ends of a move have said of it. After a restart of the head: as if `sent`, and nobody has said anything. */
export interface MoveUnderWay {
  readonly ticket: string;
  readonly since: MonotonicMillis;
  /** The source was told to freeze and send it. Before that no target can have it. */
  sent: boolean;
  /** When the target was last asked whether it has it. */
  askedAt: MonotonicMillis | null;
  /** When the target first said that it runs there, while a part of its memory still lay at the source. */
  runsThereAt: MonotonicMillis | null;
  /** When the target first said that it has all of it. */
  arrivedAt: MonotonicMillis | null;
  /** What the source measured, told before the target had all of it. */
  figures: MoveFigures | null;
  /** The source has said that it holds it no more. */
  sourceGone: boolean;
  /** When the source was last told to drop its copy. */
  toldSourceAt: MonotonicMillis | null;
}

export interface MoveFigures {
  readonly bytes: number;
  readonly freezeMs: number;
  readonly totalMs: number;
}

/** What a restart of the head may forget. */
export interface Transient {
  /** What running attempts have used, as their members said last. */
  readonly usage: Map<TaskId, TaskUsage>;
  /** Saves under way: asked of the member, no answer yet. */
  readonly saving: Map<
    TaskId,
    { readonly then: 'continue' | 'suspend'; readonly since: MonotonicMillis }
  >;
  /** A task whose save failed is not asked again before this. */
  readonly saveNotBefore: Map<TaskId, MonotonicMillis>;
  /** Why the last save failed. */
  readonly saveFault: Map<TaskId, Reason>;
  /** Why the head refused the results of a program that has ended; its member sends them again. */
  readonly resultsWait: Map<TaskId, Reason>;
  /** How often the results of the attempt that holds the task were asked for again. */
  readonly askedAgain: Map<TaskId, number>;
  /** When the task last began to run, was saved, or moved, on this head's clock. */
  readonly quietSince: Map<TaskId, MonotonicMillis>;
  readonly moves: Map<TaskId, MoveUnderWay>;
  /** When the member of an attempt that is taken back was told so last. */
  readonly recalledAt: Map<TaskId, MonotonicMillis>;
  /** Moves that failed after their source was told to send, by target: it may be lost a moment later, and by them. */
  readonly failedMoves: Map<MemberId, Map<TaskId, MonotonicMillis>>;
  /** Tasks that one PC says cannot be started, until a second one has been asked. */
  readonly doubts: Map<
    TaskId,
    { readonly member: MemberId; readonly job: JobId; readonly reason: string }
  >;
  /** Jobs of which two PCs said so. */
  readonly unstartable: Set<JobId>;
  /** Programs that ended at once, and badly, since something last went well on that PC, with their jobs. */
  readonly quickExits: Map<MemberId, Map<TaskId, JobId>>;
  /** Where tasks of open jobs were done. */
  readonly goneWell: Map<JobId, Set<MemberId>>;
  /** Members that another PC claims to be: since when, and when last. */
  readonly twins: Map<
    MemberId,
    { readonly since: MonotonicMillis; readonly last: MonotonicMillis; readonly isTwo: boolean }
  >;
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
  /** Members that have not been told their new seat, for their screens. */
  readonly seatNews: Set<MemberId>;
  /** Of all PCs and checkpoints. */
  readonly features: FeatureLists;
  nextBalance: MonotonicMillis;
  /** Since when the wall clock has gone on without a jump. */
  trusted: { readonly now: MonotonicMillis; readonly wall: EpochMillis } | null;
  /** When is looked next for jobs whose tasks may leave the memory. */
  nextArchive: MonotonicMillis;
  /** When is looked next for jobs that were kept long enough. */
  nextRetention: MonotonicMillis;
  /** When old events are cut from the log next. */
  nextLogCut: MonotonicMillis;
}

/** A job that is over is kept for so long, if nobody says otherwise: a term. */
export const usualKeepFor: Millis = millis(90 * 24 * hours(1));

export function emptyLab(): LabState {
  const jobs = new Map<JobId, Job>();
  return {
    nextJob: 1,
    night: emptyTally(0, epochMillis(0)),
    keepFor: usualKeepFor,
    seats: new Map(),
    retired: new Map(),
    members: new Map(),
    jobs,
    tasks: new TaskBook(jobs),
    index: {
      on: new Map(),
      used: new Map(),
      queue: new WaitingQueue(),
      open: new Map(),
      unsuccessful: new Set(),
      hopeless: new Set(),
      awaitedBy: new Map(),
      tallies: new Map(),
      active: new Set(),
      activeOf: new Map(),
      held: new Map(),
      cancelling: new Set(),
      holding: new Set(),
    },
    seen: new Map(),
    transient: {
      usage: new Map(),
      saving: new Map(),
      saveNotBefore: new Map(),
      saveFault: new Map(),
      resultsWait: new Map(),
      askedAgain: new Map(),
      quietSince: new Map(),
      moves: new Map(),
      recalledAt: new Map(),
      failedMoves: new Map(),
      doubts: new Map(),
      unstartable: new Set(),
      quickExits: new Map(),
      goneWell: new Map(),
      twins: new Map(),
      endedEarly: new Map(),
      moveNotBefore: new Map(),
      faults: new Map(),
      badRestores: new Map(),
      placeNotBefore: new Map(),
      ahead: new Map(),
      seatNews: new Set(),
      features: new FeatureLists(),
      nextBalance: 0 as MonotonicMillis,
      trusted: null,
      nextArchive: 0 as MonotonicMillis,
      nextRetention: 0 as MonotonicMillis,
      nextLogCut: 0 as MonotonicMillis,
    },
  };
}

export const emptyTally = (number: number, openedAt: EpochMillis): NightTally => ({
  number,
  openedAt,
  endedAt: null,
  checkpoints: 0,
  lostMs: 0,
  losses: [],
  tasksDone: 0,
  tasksFailed: 0,
  cpuSeconds: 0,
});

export const isOver = (task: Task): boolean =>
  task.state === 'done' || task.state === 'failed' || task.state === 'cancelled';

/** Of a PC that has said nothing to this head yet: as if it had never been heard. */
export function seenOf(state: Pick<LabState, 'seen'>, { id, facts }: Member): MemberSeen {
  let seen = state.seen.get(id);
  if (!seen) {
    seen = {
      linked: false,
      heardAt: 0 as MonotonicMillis,
      load: { load: 0, memoryFree: facts.memory },
      can: [],
    };
    state.seen.set(id, seen);
  }
  return seen;
}

export const isLinked = (
  state: Pick<LabState, 'seen'>,
  member: Member | undefined,
): member is Member => member !== undefined && seenOf(state, member).linked;

/** With what runs at this moment. */
export function usageOf(state: LabState, task: Task): TaskUsage {
  const seen = state.transient.usage.get(task.id);
  return {
    cpuSeconds: Math.max(task.cpuSeconds, seen?.cpuSeconds ?? 0),
    memory: seen?.memory ?? bytes(0),
  };
}

/** Where a task takes up room: its machine and, while it moves, the one it moves to. */
export function machinesOf(task: Task): readonly MemberId[] {
  if (!task.attempt) return [];
  return task.attempt.move ? [task.attempt.machine, task.attempt.move.to] : [task.attempt.machine];
}
