import { byHand } from '../../../shared/domain/reasons.ts';
import { ok, type Result } from '../../../shared/base/result.ts';
import { hours, monotonicMillis } from '../../../shared/base/units.ts';
import {
  isMoot,
  machineCan,
  type MachineStanding,
  type Verdict,
} from '../../../shared/domain/actions.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Member, MemberFacts, ReleaseMoment } from '../../../shared/domain/member.ts';
import { seenOf } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { beginDrain, lossOf } from '../plan/drains.ts';
import { findMembers } from '../membership/find-members.ts';
import { isPresent, onUncordon, unseen } from '../membership/leases.ts';
import { freeName, memberOfMachine } from '../membership/names.ts';
import { isOtherBoot, refuseTwin } from '../membership/twins.ts';

type Names = readonly string[] | 'all';

/** Longer than any certificate with a forgotten PC's name in it is good for, and an hour for clocks. */
const certificatesLive = hours(25);

/** Gives a PC that proved its token its name; the same PC gets the same name every night. */
export function enrolMember(
  turn: Turn,
  facts: MemberFacts,
  wantedName: string | null,
  by?: string,
): Result<{ member: MemberId; name: string }> {
  const { members, retired } = turn.state;
  const known = memberOfMachine(members.values(), facts);
  if (known?.banned) {
    const { name: machine, banned } = known;
    return refuseFor('refused', 'machine-is-banned', { machine, because: banned.because });
  }
  if (known && isOtherBoot(known, facts)) return refuseTwin(turn, known, facts);
  const isTaken = (id: MemberId): boolean =>
    members.has(id) || turn.wall - (retired.get(id) ?? -Infinity) < certificatesLive;
  const member = known?.id ?? freeName({ has: isTaken }, wantedName);
  const name = known?.name ?? member;
  const seat = turn.state.seats.get(facts.machineKey) ?? known?.seat ?? null;
  turn.emit({
    e: 'member-enrolled',
    member,
    name,
    seat,
    facts,
    ...(by === undefined ? {} : { by }),
  });
  // A new boot: what was seen of the one before says nothing of it, but when it was heard.
  if (!known || !isPresent(known)) {
    const { heardAt } = turn.state.seen.get(member) ?? { heardAt: monotonicMillis(0) };
    turn.state.seen.set(member, unseen(facts, heardAt));
  }
  return ok({ member, name });
}

export function cordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, machineCan.cordon, (member) =>
    turn.emit({ e: 'member-cordoned', member: member.id, because: byHand }),
  );
}

export function uncordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  const verdict: VerdictOf = (standing, because) => {
    const may = machineCan.uncordon(standing, because);
    // What it did wrong before is forgiven all the same.
    return !may.ok && isMoot(may.error) ? ok(null) : may;
  };
  return eachOf(turn, names, verdict, (member) => onUncordon(turn, member));
}

/** Keeps PCs out from this moment on. What they run is lost when their leases are over, no earlier. */
export function banMembers(
  turn: Turn,
  names: readonly string[],
  because: string | null,
): Result<{ machines: string[] }> {
  return eachOf(turn, names, anyone, (member) => {
    if (!member.banned) turn.emit({ e: 'member-banned', member: member.id, because });
    seenOf(turn.state, member).linked = false;
    turn.directives.push({ d: 'hang-up', member: member.id });
  });
}

export function unbanMembers(turn: Turn, names: readonly string[]): Result<{ machines: string[] }> {
  const found = findMembers(turn.state, names);
  if (!found.ok) return found;
  const free = found.value.find(({ banned }) => !banned);
  if (free) return refuseFor('refused', 'machine-is-not-banned', { machine: free.name });
  return eachOf(turn, names, anyone, (member) =>
    turn.emit({ e: 'member-unbanned', member: member.id }),
  );
}

/** Takes PCs out of the books; whoever still has a boot medium of the lab comes in as a new one. */
export function forgetMembers(
  turn: Turn,
  names: readonly string[],
): Result<{ machines: string[] }> {
  const found = findMembers(turn.state, names);
  if (!found.ok) return found;
  const here = found.value.find(
    (member) => isPresent(member) || (turn.state.index.on.get(member.id)?.size ?? 0) > 0,
  );
  if (here) {
    return refuseFor('refused', 'machine-is-here', { machine: here.name });
  }
  const machines = found.value.map(({ name }) => name);
  for (const { id } of found.value) {
    turn.emit({ e: 'member-forgotten', member: id });
    turn.state.seen.delete(id);
    turn.directives.push({ d: 'hang-up', member: id });
  }
  return ok({ machines });
}

export function evacuateMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, machineCan.evacuate, (member) =>
    beginDrain(turn, member, 'evacuate', 'checkpoint', byHand),
  );
}

/** `preview`: only tells how many minutes of work would be lost. Who is released already stays so. */
export function releaseMembers(
  turn: Turn,
  names: Names,
  when: ReleaseMoment,
  preview: boolean,
): Result<{ machines: string[]; minutesLost: number }> {
  let lost = 0;
  const result = eachOf(turn, names, machineCan.release, (member) => {
    lost += lossOf(turn, member, when);
    if (!preview) beginDrain(turn, member, 'release', when, byHand);
  });
  return result.ok ? ok({ ...result.value, minutesLost: Math.round(lost / 600) / 100 }) : result;
}

type VerdictOf = (standing: MachineStanding, because: string | null) => Verdict;

const anyone: VerdictOf = () => ok(null);

/** All of them, or none: all are looked at before anything is done to the first. Of whom it is so already nothing is done. */
function eachOf(
  turn: Turn,
  names: Names,
  may: VerdictOf,
  act: (member: Member) => void,
): Result<{ machines: string[] }> {
  const found = findMembers(turn.state, names);
  if (!found.ok) return found;
  const acted: Member[] = [];
  for (const member of found.value) {
    const verdict = may(standingOf(member), member.banned?.because ?? null);
    if (verdict.ok) acted.push(member);
    else if (!isMoot(verdict.error)) return verdict;
  }
  for (const member of acted) act(member);
  return ok({ machines: found.value.map((member) => member.name) });
}

const standingOf = ({ name, state, cordoned, banned, drain }: Member): MachineStanding => ({
  ...{ name, state, cordoned, banned: banned !== null, draining: drain?.purpose ?? null },
});
