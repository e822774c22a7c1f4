import type { NoFacts, Told } from './told.ts';
import type { JobId, TaskId } from './ids.ts';

/**
 * Why something happened in a lab, in facts: what the log keeps. A code keeps its meaning and its facts for ever; what means
 * something else is another code. PCs are called by the name that they had then. What it says to a person stands in
 * shared/words/reason-words.ts.
 */
export interface ReasonFacts {
  /** In the words of a PC, or of an older Nightshift, which kept sentences. */
  said: { readonly text: string };
  /** A person asked for it. */
  'by-hand': NoFacts;
  'kept-long-enough': NoFacts;
  /** A PC's own clock let it join by day. */
  'by-day': { readonly clock: string };
  /** Somebody at the PC wants it. */
  reclaimed: { readonly by: 'keypress' | 'power-button' | 'ctrl-alt-del' };

  // Why a PC is quarantined.
  'failed-in-a-row': { readonly tasks: number; readonly last: Reason };
  /** It said that a task cannot be started, which runs elsewhere. */
  'runs-elsewhere': { readonly task: TaskId; readonly pc: string; readonly doubt: string };
  'quick-exits-of-job': { readonly programs: number; readonly job: JobId };
  'quick-exits-of-jobs': { readonly jobs: number };

  // Why a task moves, or does not.
  'faster-and-free': { readonly pc: string };
  crowded: { readonly from: UsedSlots; readonly to: UsedSlots };
  'pc-leaves': { readonly pc: string; readonly purpose: 'evacuate' | 'release' };
  'could-not-take': { readonly pc: string; readonly said: string | null };
  'had-it-too-soon': { readonly pc: string };
  'connection-lost': NoFacts;

  // Why an attempt is taken back or lost.
  'pc-is-emptied': { readonly pc: string };
  'released-at-once': { readonly pc: string };
  'job-held': NoFacts;
  'pc-lost': { readonly pc: string };
  'pc-lost-while-leaving': { readonly pc: string };
  'pc-started-anew': { readonly pc: string };
  'pc-has-it-no-more': { readonly pc: string };
  'could-not-start': { readonly pc: string; readonly said: string };
  stopped: NoFacts;
  'state-not-here': { readonly pc: string };
  'damaged-here': NoFacts;
  'checkpoint-lost': { readonly because: Reason };
  'no-checkpoint-left': { readonly because: Reason };

  // Why a task failed, or is held.
  exited: { readonly code: number };
  'results-never-came': { readonly pc: string; readonly files: number };
  /** They are asked for again. */
  'results-absent': { readonly files: number };
  'end-not-understood': { readonly pc: string; readonly fault: string };
  'no-pc-could-run-it': { readonly pcs: number; readonly last: Reason };
  'took-pcs-down': { readonly pcs: readonly string[]; readonly job: JobId };
}

export type UsedSlots = Readonly<Record<'pc', string> & Record<'used' | 'slots', number>>;

export type ReasonCode = keyof ReasonFacts;

export type Reason = Told<ReasonFacts>;

export const saidReason = (text: string): Reason => ({ code: 'said', facts: { text } });
export const byHand: Reason = { code: 'by-hand', facts: {} };
