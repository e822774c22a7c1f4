import { monotonicMillis, type Bytes } from '../../../shared/base/units.ts';
import type { Member, MemberFacts } from '../../../shared/domain/member.ts';
import { seatText } from '../../../shared/domain/seat.ts';
import { openNightIfNeeded } from '../nights/night.ts';
import { seenOf, type MemberSeen } from '../state/state.ts';
import { headCan } from '../../../shared/wire/capabilities.ts';
import type { Turn } from '../state/turn.ts';
import { findMember } from './names.ts';
import { forgive } from './quarantine.ts';
import { flagUnasked, isUnasked } from './returns.ts';
import { sendHome, startedByDay } from './wrong-clocks.ts';

/** A link is up and the member has said who it is. Its attempts are settled by `reconcile`. */
export function onArrival(
  turn: Turn,
  member: Member,
  facts: MemberFacts,
  can: readonly string[] = [],
): void {
  const seen = seenOf(turn.state, member);
  seen.linked = true;
  seen.can = can;
  seen.heardAt = turn.now;
  if (member.state === 'suspect') turn.emit({ e: 'member-returned', member: member.id });
  if (member.state === 'enrolling' || member.state === 'lost') {
    const byDay = startedByDay(turn, facts);
    if (!flagUnasked(turn, member, facts)) {
      if (!byDay) openNightIfNeeded(turn);
      turn.emit({ e: 'member-arrived', member: member.id, facts });
    }
    if (byDay) sendHome(turn, member, facts);
  } else if (JSON.stringify(facts) !== JSON.stringify(member.facts)) {
    turn.emit({ e: 'member-described', member: member.id, facts });
  }
  turn.touched.members.add(member.id);
}

/**
 * Renews the lease, so it is the last word after a hello: the member thaws on it, and what it must not thaw has to be
 * discarded before.
 */
export function welcome(turn: Turn, member: Member): void {
  turn.state.transient.seatNews.delete(member.id);
  turn.send(member.id, {
    t: 'welcome',
    member: member.id,
    name: member.name,
    seat: member.seat && seatText(member.seat),
    lab: '',
    wallClock: turn.wall,
    timings: turn.timings,
    can: [...headCan],
  });
}

/** A person lets it work; one that came back unasked is a part of the night from now on. */
export function onUncordon(turn: Turn, member: Member): void {
  forgive(turn.state, member.id);
  if (!member.cordoned) return;
  if (isPresent(member) && isUnasked(member)) openNightIfNeeded(turn);
  turn.emit({ e: 'member-uncordoned', member: member.id });
}

export const isPresent = (member: Member): boolean =>
  member.state === 'ready' || member.state === 'draining' || member.state === 'suspect';

/** Any message proves life; only a heartbeat is answered with a lease. */
export function onHeard(turn: Turn, member: Member): void {
  const seen = seenOf(turn.state, member);
  seen.heardAt = turn.now;
  if (member.state === 'suspect' && seen.linked)
    turn.emit({ e: 'member-returned', member: member.id });
}

export function onBeat(
  turn: Turn,
  member: Member,
  beat: { readonly n: number; readonly load: number; readonly memoryFree: number },
): void {
  onHeard(turn, member);
  seenOf(turn.state, member).load = {
    load: beat.load,
    memoryFree: (beat.memoryFree * 1024 * 1024) as Bytes,
  };
  const { seatNews } = turn.state.transient;
  turn.send(member.id, {
    ...{ t: 'lease', n: beat.n },
    ...(seatNews.delete(member.id) ? { seat: member.seat && seatText(member.seat) } : {}),
  });
}

/** A closed link alone proves nothing: it makes the member suspect when silence follows. */
export function onLinkClosed(turn: Turn, member: Member): void {
  seenOf(turn.state, member).linked = false;
  turn.touched.members.add(member.id);
}

/**
 * Whoever took the power of these PCs knows that nothing runs there, so that nobody need wait until their leases have run out.
 * Unknown names are passed over.
 */
export function endLeases(turn: Turn, names: readonly string[]): void {
  for (const name of names) {
    const member = findMember(turn.state.members, name);
    if (member === undefined || !isPresent(member)) continue;
    const seen = seenOf(turn.state, member);
    seen.linked = false;
    seen.heardAt = monotonicMillis(turn.now - turn.timings.lostAfter);
    turn.touched.members.add(member.id);
  }
}

/**
 * Silence: suspect after `suspectAfter`, lost after `lostAfter`. The member froze its tasks at `freezeAfter`, counted
 * from an earlier moment than ours (when it sent what we heard), so nothing of it runs when it is declared lost.
 */
export function judgeSilence(turn: Turn, onLost: (member: Member) => void): void {
  for (const member of turn.state.members.values()) {
    if (!isPresent(member)) continue;
    const silence = turn.now - seenOf(turn.state, member).heardAt;
    if (member.state !== 'suspect' && silence >= turn.timings.suspectAfter)
      turn.emit({ e: 'member-suspected', member: member.id });
    if (member.state === 'suspect' && silence >= turn.timings.lostAfter) {
      // A PC that came back and is silent was switched off, as its flag asked for.
      turn.emit({ e: isUnasked(member) ? 'member-left' : 'member-lost', member: member.id });
      turn.directives.push({ d: 'close', member: member.id });
      onLost(member);
    }
  }
}

/**
 * After a restart nobody knows which leases were granted last, so every member counts as heard just now: none
 * is declared lost before a lease granted in the very last moment of the former process has run out.
 */
export const unseen = (facts: MemberFacts, now: Turn['now']): MemberSeen => ({
  linked: false,
  heardAt: now,
  load: { load: 0, memoryFree: facts.memory },
  can: [],
});
