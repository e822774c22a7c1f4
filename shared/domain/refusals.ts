import type { Facts, Refusal, RefusalKind } from '../base/result.ts';
import type { Misfit } from './misfit.ts';

/** Why what is to start once a job is done never will: of the job, or because it waits in vain itself. */
export type InVain = 'failed' | 'cancelled' | 'never-starts';

/** What a running task does for a moment and shall not be disturbed in. */
export type Between = 'starting' | 'recalled' | 'saving' | 'checkpointing' | 'leaving' | 'stopping';

/** Which facts belong to which code. What it says to a person stands in shared/words/refusal-words.ts. */
export interface RefusalFacts {
  /** A line of a table or script that was read: what is wrong with it. */
  'line-of-table': { line: number; because: Refusal };
  'job-is-over': { job: string };
  'job-is-not-over': { job: string };
  /** Another is to start after it. */
  'job-is-waited-for': { job: string; by: string };
  'job-is-held': { job: string };
  'job-is-not-held': { job: string };
  /** What was to start once it is done never would. */
  'job-is-in-vain': { job: string; because: InVain };
  'no-such-network': { network: string };
  'range-ends-before-it-begins': { first: number; last: number };
  'array-is-too-large': { first: number; last: number; most: number };
  'no-command': Record<never, never>;
  'no-job-to-wait-for': { job: string };
  'input-is-not-here': { path: string };
  'inputs-share-a-name': { path: string };
  'input-below-a-link': { path: string; link: string };
  /** `named`: what was asked for, which may be a name. */
  'no-such-job': { named: string };
  'no-such-task': { named: string };
  'no-task-of-that-index': { job: string; index: string; first: number; last: number };
  /** The first of them is an example. */
  'several-tasks': { job: string; tasks: number; first: number };
  'task-is-not-running': { task: string; state: string };
  'task-is-moving': { task: string; to: string };
  'task-is-between': { task: string; phase: Between };
  'task-is-pinned': { task: string };
  'machine-does-not-answer': { machine: string };
  'machine-takes-no-tasks': { machine: string; state: string };
  'machine-is-crowded': { machine: string; processors: number; wanted: number };
  'machine-has-no-memory': { machine: string; task: string };
  'no-such-machine': { named: string };
  /** Where it may be one that never came, by its network card. */
  'no-such-machine-or-card': { named: string };
  'no-machine-is-here': Record<never, never>;
  'machine-is-not-banned': { machine: string };
  'machine-is-here': { machine: string };
  'seat-given-twice': { machine: string };
  'seat-is-taken': { seat: string; machines: readonly [string, string] };
  'too-many-wrong-codes': Record<never, never>;
  'no-pc-with-that-code': { code: string };
  'machine-is-cordoned': { machine: string };
  'machine-is-not-cordoned': { machine: string };
  'machine-is-banned': { machine: string; because: string | null };
  'machine-is-away': { machine: string; state: string };
  'machine-is-released': { machine: string };
  'machine-is-being-emptied': { machine: string };
  'machine-is-being-released': { machine: string };
  /** Of a job. */
  'no-pc-fits': { misfit: Misfit };
  'task-does-not-fit': { task: string; machine: string; misfit: Misfit };
  /** `newest`: 0 while none has begun. */
  'no-such-night': { night: number; newest: number };
  /** Nobody knows the address of its network card. */
  'machine-cannot-be-woken': { machine: string };
  'path-is-not-whole': { path: string };
  'target-is-being-written': { path: string };
  /** `offered`: drives that may be written. */
  'no-such-drive': { path: string; offered: readonly string[] };
  'floppies-cannot-be-served': { because: Refusal };
  'boot-files-are-not-served': Record<never, never>;
  /** `there`: those that have an address and lead to a lab. */
  'no-such-interface': { interface: string; there: readonly string[] };
  'no-interface-to-a-lab': Record<never, never>;
  /** `because`: what the system said of the head's disk. */
  'could-not-be-stored': { because: string };
  /** The head's. */
  'disk-full': { folder: string };
  /** It touches the head's own machine. */
  'only-at-the-head': { procedure: string };
  /** `there`: those that there are. */
  'no-such-practice-pc': { machine: string; there: readonly string[] };
  'practice-pc-has-no-power': { machine: string; state: string };
  'practice-pc-has-power': { machine: string };
  'practice-pc-is-cut': { machine: string };
  'practice-pc-is-not-cut': { machine: string };
}

export type RefusalCode = keyof RefusalFacts;

/** A refusal by a code, which every face words for itself. */
export const refuseFor = <Code extends RefusalCode>(
  kind: RefusalKind,
  code: Code,
  facts: RefusalFacts[Code] & Facts,
): { readonly ok: false; readonly error: Refusal } => ({ ok: false, error: { kind, code, facts } });
