import type { Result } from '../../shared/base/result.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';

export interface ProgramEnd {
  /** 128 + signal when a signal ended it. */
  readonly exitCode: number;
  /** limit: killed for its memory; unstartable: there is no such command. One sentence. */
  readonly because: { readonly cause: 'limit' | 'unstartable'; readonly reason: string } | null;
}

/**
 * unstartable: the task's own fault (no such command, an input that cannot be had);
 * machine: this PC's fault, the task may run elsewhere.
 */
export interface StartFault {
  readonly cause: 'unstartable' | 'machine';
  /** One sentence. */
  readonly reason: string;
}

export interface Usage {
  /** Of this attempt and of those it was restored from. */
  readonly cpuSeconds: number;
  /** Resident bytes. */
  readonly memory: number;
}

/** What a snapshot carries beside the program itself. */
export interface Carried {
  readonly cpuSeconds: number;
  /** Milliseconds of wall time left; null: no limit. */
  readonly wallTimeLeft: number | null;
}

export interface AdoptedAttempt extends AttemptKey {
  readonly spec: TaskSpec;
  /** Null: it came from another member. */
  readonly resumed: boolean | null;
  readonly wallTimeLeft: number | null;
}

/** The state of a frozen program, to be read once. `drop` twice is harmless. */
export interface Snapshot {
  /** A copy: the program may be thawed before the bytes are read. Otherwise it must stay frozen until `drop`. */
  readonly apart: boolean;
  bytes(): AsyncIterable<Uint8Array>;
  /** Why reading failed, when the fault was on this side; one sentence. */
  trouble(): string | null;
  drop(): Promise<void>;
}

/** A program's own stream of bytes that was unpacked into an attempt's directory. */
export interface Unpacked {
  readonly carried: Carried;
}

/** Settles once: nothing lies at the source any more, or what does cannot be had, and the program cannot go on. */
export interface PagesToCome {
  readonly allHere: Promise<Result<null, { readonly reason: string }>>;
}

/**
 * Containers on this PC, by attempt. Guarantees:
 * - `kill` returns only when nothing of the attempt runs any more; `freeze` only when nothing of it can run
 *   until `thaw`. Both work at any moment, also while `start` or `restore` is under way, whose result is then a fault.
 * - a failed `start`, `restore` or `unpack` leaves nothing running; its directory stays until `remove`.
 * - `onEnded` comes once for every program that began to run, and never after `kill` has returned.
 * - a `snapshot` that fails, also while it is read, leaves the program frozen and unharmed.
 * Nothing throws: what goes wrong is a value.
 */
export interface ContainerRuntime {
  listen(onEnded: (of: AttemptKey, end: ProgramEnd) => void): void;
  /** What an earlier agent left. Whatever of it runs is frozen when this returns; the rest is removed. */
  adopt(): Promise<readonly AdoptedAttempt[]>;
  /** Fetches inputs and runs the program from zero. */
  start(of: AttemptKey, spec: TaskSpec): Promise<Result<null, StartFault>>;
  /** Reads a snapshot's bytes into the attempt's directory. `needs`: bytes of memory it had where it comes from, as far as known. */
  unpack(
    of: AttemptKey,
    spec: TaskSpec,
    bytes: AsyncIterable<Uint8Array>,
    needs?: number,
  ): Promise<Result<Unpacked, StartFault>>;
  /**
   * Runs what was unpacked. Null: all of it is here. Of a checkpoint everything is; of what comes from another member a part
   * of the memory may follow while the program runs.
   */
  restore(of: AttemptKey): Promise<Result<PagesToCome | null, StartFault>>;
  freeze(of: AttemptKey): Promise<void>;
  thaw(of: AttemptKey): Promise<void>;
  /** TERM to every process of the program but its first. */
  terminate(of: AttemptKey): void;
  kill(of: AttemptKey): Promise<void>;
  /** Frees all that the attempt had in RAM; kills it if need be. */
  remove(of: AttemptKey): Promise<void>;
  usage(of: AttemptKey): Usage;
  /**
   * Why a save or a move of the program as it is at this moment fails or would be felt by it; null: nothing is known. Asked
   * before it is frozen for one, so that it is left alone.
   */
  obstacle(of: AttemptKey): string | null | Promise<string | null>;
  /** The program's state; it has to be frozen and stays so. `apart`: wished for, and granted when there is memory for it. */
  snapshot(
    of: AttemptKey,
    carried: Carried,
    apart: boolean,
  ): Promise<Result<Snapshot, { readonly reason: string }>>;
}
