import type { Facts, Refusal, RefusalKind } from '../base/result.ts';
import type { Misfit } from './misfit.ts';

/** Why what is to start once a job is done never will: of the job, or because it waits in vain itself. */
export type InVain = 'failed' | 'cancelled' | 'never-starts';

/** Which facts belong to which code. What it says to a person stands in shared/words/refusal-words.ts. */
export interface RefusalFacts {
  /** A line of a table or script that was read: what is wrong with it. */
  'line-of-table': { line: number; because: Refusal };
  'job-is-over': { job: string };
  'job-is-held': { job: string };
  'job-is-not-held': { job: string };
  /** What was to start once it is done never would. */
  'job-is-in-vain': { job: string; because: InVain };
  'no-such-network': { network: string };
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
