import { millis } from '../../../shared/base/units.ts';
import type { Member, MemberFacts } from '../../../shared/domain/member.ts';
import { comesBackWithin, leavesWithin } from '../../../shared/domain/timings.ts';
import { seenOf } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { findMember } from './names.ts';

/**
 * What becomes of a PC that was given back: it leaves and is silent, it stays, or it comes back. Spans are taken from
 * the wall clock, because a PC may come back to a head that was started in between; a clock that jumps costs at the
 * most a flag too many or too few.
 */

/** A word of a released member: it has not left yet. After its time that is worth a flag. */
export function onHeardReleased(turn: Turn, member: Member): void {
  seenOf(turn.state, member).heardAt = turn.now;
  const { releasedAt, departure } = member;
  if (releasedAt === null || !departure || departure.stayed) return;
  // It was given up as gone and is heard again without a new boot: its cable was out.
  if (departure.leftAt !== null || turn.wall - releasedAt >= leavesWithin(turn.timings))
    turn.emit({ e: 'member-stayed', member: member.id });
}

/**
 * Hello of a released member that has not enrolled anew: the very system that was told to go. It missed the word, or
 * could not follow it.
 */
export function sendAwayAgain(turn: Turn, member: Member): void {
  seenOf(turn.state, member).linked = true;
  onHeardReleased(turn, member);
  turn.send(member.id, { t: 'go' });
  turn.touched.members.add(member.id);
}

/**
 * Silence for as long as makes a member lost makes a released one gone: a PC that left says nothing, and one whose
 * link broke would have said hello by then. Its link may be open still, where power went before the connection.
 */
export function judgeDepartures(turn: Turn): void {
  for (const member of turn.state.members.values()) {
    if (member.state !== 'released' || !member.departure) continue;
    const { leftAt, stayed } = member.departure;
    if (leftAt !== null && !stayed) continue;
    const seen = seenOf(turn.state, member);
    if (turn.now - seen.heardAt < turn.timings.lostAfter) continue;
    turn.emit({ e: 'member-left', member: member.id });
    seen.linked = false;
    turn.directives.push({ d: 'close', member: member.id });
  }
}

/** Whether a PC that was given back arrives though nobody asked for it; if so, it is flagged and cordoned. */
export function flagUnasked(turn: Turn, member: Member, facts: MemberFacts): boolean {
  const { releasedAt, departure } = member;
  if (releasedAt === null || departure?.expected) return false;
  const after = millis(Math.max(0, turn.wall - releasedAt));
  if (after >= comesBackWithin(turn.timings)) return false;
  turn.emit({ e: 'member-came-back', member: member.id, facts, after });
  return true;
}

/** A person asked for these PCs: their next boot is welcome, however soon it comes. Others than released ones need no word. */
export function expectBack(turn: Turn, names: readonly string[]): void {
  for (const name of names) {
    const member = findMember(turn.state.members, name);
    if (member?.departure && !member.departure.expected)
      turn.emit({ e: 'member-expected', member: member.id });
  }
}

/** In the lab, to be sent home: no part of the night, which neither begins nor goes on with it. */
export const isUnasked = (member: Member): boolean =>
  member.cameBack !== null && member.state !== 'released';
