import type { Reason } from './reasons.ts';
import type { Bytes, EpochMillis, Millis } from '../base/units.ts';
import type { FileTraits, TreeNode } from './tree.ts';
import type { BlobHash, Epoch, JobId, MemberId, TaskId } from './ids.ts';

/** A file that stands in the task's directory when it starts. */
export interface InputFile extends FileTraits {
  readonly hash: BlobHash;
  readonly size: number;
  readonly executable: boolean;
  /** Only the task of this index gets it; all tasks when absent. */
  readonly onlyTask?: number | undefined;
}

/** Paths are relative to /task, with forward slashes, and never leave it. */
export type InputNode = TreeNode & { readonly onlyTask?: number | undefined };

export interface OutputFile extends FileTraits {
  readonly hash: BlobHash;
  readonly size: number;
  readonly executable: boolean;
}

export interface Resources {
  /** Slots: whole processors. */
  readonly cpus: number;
  /** Limit and reservation; null: no limit, and `defaultMemory` is reserved. */
  readonly memory: Bytes | null;
  /** The attempt is ended after this much time in which the program could run. */
  readonly wallTime: Millis | null;
}

/**
 * What the tasks of a job reach beside themselves: nothing. Docs/decisions/12-task-network.md says which others there will be
 * and what each means; a value is never given another meaning, since jobs in logs have it.
 */
export const taskNetworks = ['none'] as const;
export type TaskNetwork = (typeof taskNetworks)[number];

export interface JobSpec {
  readonly name: string;
  readonly owner: string;
  /** argv; `{task}` in any word stands for the task's index. */
  readonly command: readonly string[];
  /** Job array; null: one task of index 0. */
  readonly array: { readonly first: number; readonly last: number } | null;
  readonly resources: Resources;
  /** How often a task that failed is started again from zero. A lost machine costs no retry. */
  readonly retries: number;
  readonly inputs: readonly InputFile[];
  /** Folders and links among them. */
  readonly inputNodes?: readonly InputNode[] | undefined;
  /** Glob patterns relative to /task; each has to match something when the task ends with 0. */
  readonly outputs: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly pack: string;
  /** Never move. */
  readonly pin: boolean;
  /** Mask CPU features so that it may move to older PCs. */
  readonly portable: boolean;
  readonly network: TaskNetwork;
  /** Larger goes first. */
  readonly priority: number;
  /** So many of its tasks at a time; absent or null: as many as there is room for. */
  readonly atOnce?: number | null | undefined;
  /** What the log is called among the results; `{job}`, `{task}`, `{name}`, `{owner}` are filled in. Absent: `task.log`. */
  readonly logName?: string | null | undefined;
  /** Starts when each of these is over, however it ended. */
  readonly after: readonly JobId[];
  /** Starts when every task of each of these is done; never, once one of them failed. Absent in older logs. */
  readonly afterOk?: readonly JobId[] | undefined;
}

export interface Job {
  readonly id: JobId;
  readonly spec: JobSpec;
  readonly submittedAt: EpochMillis;
  held: boolean;
  cancelled: boolean;
  /** Set once its tasks are in the store only: how they ended. */
  archived?: {
    readonly counts: Readonly<Record<TaskState, number>>;
    readonly finishedAt: EpochMillis | null;
  };
  /** When those of its tasks that had never been placed were cancelled with it. */
  queueCancelledAt?: EpochMillis | null;
}

/** A task's frozen state, stored on the head. */
export interface Checkpoint {
  readonly hash: BlobHash;
  readonly size: number;
  readonly takenAt: EpochMillis;
  /** The attempt that was frozen. */
  readonly epoch: Epoch;
  /** Processor time used up to it. */
  readonly cpuSeconds: number;
  /** The program's output up to it. */
  readonly log: BlobHash | null;
  /** CPU features of the machine it was taken on; a restore needs them all. */
  readonly cpuFeatures: readonly string[];
  /** Milliseconds of running that are in it; absent in those of older heads. */
  readonly doneMs?: number | undefined;
}

export interface Migration {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly at: EpochMillis;
  readonly because: Reason;
  bytes: number;
  /** How long the program did not run. */
  freezeMs: number;
  totalMs: number;
  /** When the task was there; not of moves that an older version wrote down. */
  readonly arrivedAt?: EpochMillis;
}

/**
 * One placement of a task. starting → running ⇄ checkpointing; running → leaving (its state goes
 * to `to`, the new attempt is `toEpoch`) → gone, or back to running when the move fails;
 * any → stopping (told to end) → gone; any → recalled (taken back: its member may run it until it has answered or its
 * lease is over) → gone.
 */
export interface Attempt {
  readonly epoch: Epoch;
  readonly machine: MemberId;
  readonly placedAt: EpochMillis;
  phase: 'starting' | 'running' | 'checkpointing' | 'leaving' | 'stopping' | 'recalled';
  /** Why, while `recalled`. */
  recalledFor?: Reason;
  /** Set while `leaving`. */
  move: {
    readonly to: MemberId;
    readonly toEpoch: Epoch;
    readonly because: Reason;
    readonly at: EpochMillis;
  } | null;
  /** What it was restored from; null: started from zero. */
  readonly from: BlobHash | null;
}

/**
 * queued → running → done | failed; running → suspended (saved on the head) → running;
 * running → queued (lost without a checkpoint, or retried); any but done/failed → cancelled.
 */
export type TaskState = 'queued' | 'running' | 'suspended' | 'done' | 'failed' | 'cancelled';

export interface Task {
  readonly id: TaskId;
  readonly job: JobId;
  readonly index: number;
  state: TaskState;
  /** Highest number given to an attempt so far; 0 before the first. */
  epoch: Epoch;
  attempt: Attempt | null;
  /** Newest first, two at the most. */
  checkpoints: Checkpoint[];
  failures: number;
  /** As of its newest checkpoint or its end; of what runs, see `Transient.usage`. */
  cpuSeconds: number;
  exitCode: number | null;
  /** Why it failed, or what went wrong last. */
  reason: Reason | null;
  outputs: readonly OutputFile[];
  /** Folders and links among them. */
  outputNodes?: readonly TreeNode[] | undefined;
  log: BlobHash | null;
  migrations: Migration[];
  startedAt: EpochMillis | null;
  /** Time in which it was on a machine and running, without the attempt that runs now. */
  ranMs: number;
  /** When the attempt that runs now began to; null while none runs. */
  runningSince: EpochMillis | null;
  /** Where it was last. */
  lastMachine: MemberId | null;
  finishedAt: EpochMillis | null;
  /** How often it had to begin again from zero after having run. */
  restartsFromZero: number;
  /** Time in which it ran and whose work was lost. */
  lostMs: number;
  /** Where it was placed last; a pinned task goes nowhere else. */
  home: MemberId | null;
  /** Members on which it failed or could not start, so that a black hole does not swallow it twice. */
  avoid: MemberId[];
  /** PCs that went down under it, one after the other. */
  broke: MemberId[];
  /** Why it is placed and moved no more until a person lets it go on. */
  heldFor: Reason | null;
}
