import { hours, type EpochMillis } from '../../../shared/base/units.ts';
import type { LogCut, Turn } from '../state/turn.ts';

/** Loading what the lab was ninety days ago costs something, and a day more or less does not matter. */
const cutEvery = 24 * hours(1);
/** Whatever their age: a small log needs no cutting, and the diary of the last nights is told from it. */
const newestKept = 2000;

/** To be called only while the clock is trusted: see `removeOld`. */
export function cutOldLog(turn: Turn): void {
  const { state, now, wall, directives } = turn;
  if (now < state.transient.nextLogCut) return;
  state.transient.nextLogCut = (now + cutEvery) as typeof now;
  directives.push({
    d: 'cut-log',
    of: { olderThan: (wall - state.keepFor) as EpochMillis, wall },
  });
}

/** Where the search for the last event that leaves has come to. */
export interface CutSearch {
  readonly upTo: number;
  readonly isOver: boolean;
}

/**
 * Looks at the next event. The log leaves from its beginning, up to the first event that is young, or one of the newest. A
 * stamp from the future was written by a clock that was wrong: such an event leaves with an old one that came after it.
 */
export function searchCut(
  { upTo }: CutSearch,
  { seq, at }: { readonly seq: number; readonly at: EpochMillis },
  newest: number,
  { olderThan, wall }: LogCut,
): CutSearch {
  if (seq > newest - newestKept) return { upTo, isOver: true };
  if (at < olderThan) return { upTo: seq, isOver: false };
  return { upTo, isOver: at <= wall };
}
