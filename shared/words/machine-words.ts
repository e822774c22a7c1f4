import type { Leaving, MachineNote, MachineNoteFacts } from '../domain/machine-notes.ts';
import { leavingWords } from './leaving-words.ts';
import { reasonWords } from './reason-words.ts';
import { spanWords } from './span-words.ts';
import { way } from './ways.ts';
import { wordsBy } from './words-by.ts';

const cameBack = (after: number): string =>
  `it came back ${spanWords(after)} after it was given back`;

/** One clause that begins small. */
export const noteWords = wordsBy<MachineNoteFacts>({
  banned: ({ pc, because }) =>
    `banned${because === null || because === '' ? '' : `: ${because}`}; ${way().unbanMachine(pc)} lets it in again`,
  'two-pcs': ({ pc }) =>
    `two PCs say they are ${pc}: the other one is kept out; look for a copied card address, a dock or an adapter that is used on both`,
  'holds-unknown': ({ task }) =>
    `it holds task ${task} in an attempt that this head's store does not know: the store is an older copy. Stop the head and put the newer home back; or restart the PC, to go on without what it holds`,
  silent: () => 'not heard of for a while; its tasks freeze themselves',
  outdated: ({ kind }) =>
    `its member system is older than this head and does not know "${kind}": make its boot medium anew, or start it from the network`,
  vanished: ({ clock }) =>
    `it vanished and did not come back${clock === undefined ? '' : `; it was given up at ${clock}`}`,
  'not-saved': ({ because }) => `a task could not be saved: ${reasonWords(because)}`,
  'wrong-clock': ({ own, clock }) =>
    `it joined by day and was sent home: its own clock said ${own} when it was ${clock} here; put it right in its setup, change its battery, or make its stick anew with --clocks utc`,
  'came-back': ({ after }) =>
    `${cameBack(after)}: take out its boot medium, or look at its boot order`,
  'came-back-once': ({ after, left }) =>
    `${cameBack(after)}, and ${left ? 'left at last' : 'goes now'}`,
  stayed: ({ clock }) =>
    `it was given back at ${clock} but still runs the member system: switch it off by hand`,
  'given-back': ({ clock, left }) =>
    `given back at ${clock}${left ? ', and it has left' : '; whether it left is not known yet'}`,
  said: ({ text }) => text,
});

/** What there is to say of a PC beyond its state; null when there is nothing. */
export function machineWords({
  note,
  leaving,
}: {
  readonly note: MachineNote | null;
  readonly leaving: Leaving | null;
}): string | null {
  if (note) return noteWords(note);
  return leaving && leavingWords(leaving);
}
