import type { NoFacts, Told } from './told.ts';
import type { Millis } from '../base/units.ts';
import type { ReleaseMoment } from './member.ts';
import type { Reason } from './reasons.ts';

/**
 * What there is to say of a PC beyond its state. Clocks are told as the clock on the lab's wall shows them, such as `07:30`.
 * Words stand in shared/words/machine-words.ts.
 */
export interface MachineNoteFacts {
  banned: { readonly pc: string; readonly because: string | null };
  /** Two PCs say that they are this one. */
  'two-pcs': { readonly pc: string };
  /** It has what this head's store does not know: the store is an older copy. */
  'holds-unknown': { readonly task: string };
  silent: NoFacts;
  /** Its member system is older than the head and does not know this kind of message, which it must. */
  outdated: { readonly kind: string };
  /** It did not come back. `clock`: when it was given up; older heads did not note it. */
  vanished: { readonly clock?: string | undefined };
  /** A task that runs there. */
  'not-saved': { readonly because: Reason };
  /** It joined by day, since its own clock said so. */
  'wrong-clock': { readonly own: string; readonly clock: string };
  'came-back': { readonly after: Millis };
  /** It was given back once more. */
  'came-back-once': { readonly after: Millis; readonly left: boolean };
  /** It was given back and still runs the member system. */
  stayed: { readonly clock: string };
  'given-back': { readonly clock: string; readonly left: boolean };
  /** In the words of an older Nightshift. */
  said: { readonly text: string };
}

export type MachineNote = Told<MachineNoteFacts>;

/** What a PC does that is being emptied. Words stand in shared/words/leaving-words.ts. */
export interface Leaving {
  readonly purpose: 'evacuate' | 'release';
  /** When its tasks leave it. */
  readonly when: ReleaseMoment;
  readonly tasksLeft: number;
  /** Why that takes so long: a task could not be saved, or the results of one that has ended could not be stored. */
  readonly fault: { readonly of: 'save' | 'results'; readonly because: Reason } | null;
}
