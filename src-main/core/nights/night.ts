import { hours, minutes } from '../../../shared/base/units.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { Turn } from '../state/turn.ts';
import { isNightBy, newestEvening, newestMorning, usualCalendar } from './calendar.ts';

/**
 * A night belongs to an evening. It is opened by the first PC that comes while none is open, or in the evening where PCs stayed
 * on; it ends when the release of its last PC has ended, else in the morning, whoever stays. What happens between its end and
 * the next beginning is told in its report, too.
 */

/** One that was opened so shortly before the morning hour belongs to the day to come. */
const shortest = hours(6);
/** A clock that has just jumped ends no night. */
const clockTrustedAfter = minutes(5);

/** Here to work: not one that is sent home, because it came back unasked or by day. */
export const takesPart = ({ state, cameBack, wrongClock }: Member): boolean =>
  (state === 'ready' || state === 'draining' || state === 'suspect') &&
  cameBack === null &&
  wrongClock === null;

/** A PC comes to work. */
export function openNightIfNeeded(turn: Turn): void {
  const { night } = turn.state;
  const isOpen = night.number > 0 && night.endedAt === null;
  // Nobody may have been there to see the morning: the head, or every PC, was off.
  if (isOpen && isMorningOver(turn) && !isAnyoneHere(turn))
    turn.emit({ e: 'night-ended', night: night.number, because: 'morning' });
  if (turn.state.night.endedAt !== null || night.number === 0) openNight(turn);
}

/** With every tick. */
export function judgeNight(turn: Turn): void {
  const { state, now, wall, minuteOfDay } = turn;
  const { night } = state;
  const { trusted } = state.transient;
  if (night.number === 0) return;
  const isTrusted = trusted !== null && now - trusted.now >= clockTrustedAfter;
  if (night.endedAt === null) {
    if (isReleaseOver(turn))
      turn.emit({ e: 'night-ended', night: night.number, because: 'release' });
    else if (isTrusted && isMorningOver(turn))
      turn.emit({ e: 'night-ended', night: night.number, because: 'morning' });
    return;
  }
  if (!isTrusted || minuteOfDay === null || !isNightBy(usualCalendar, minuteOfDay)) return;
  if (night.endedAt < newestEvening(usualCalendar, minuteOfDay, wall) && isAnyoneHere(turn))
    openNight(turn);
}

function openNight(turn: Turn): void {
  turn.emit({ e: 'night-opened', night: turn.state.night.number + 1 });
}

/** Nobody is left, and somebody was given back: all that vanish at once, as in a power cut, come back to the same night. */
function isReleaseOver(turn: Turn): boolean {
  const { members, night } = turn.state;
  if (isAnyoneHere(turn)) return false;
  // Where nobody knows the hour there is no morning either.
  if (turn.minuteOfDay === null) return true;
  return [...members.values()].some(({ releasedAt }) => (releasedAt ?? 0) >= night.openedAt);
}

function isMorningOver({ state: { night }, minuteOfDay, wall }: Turn): boolean {
  if (minuteOfDay === null) return false;
  return night.openedAt + shortest <= newestMorning(usualCalendar, minuteOfDay, wall);
}

const isAnyoneHere = (turn: Turn): boolean => [...turn.state.members.values()].some(takesPart);
