import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Member, MemberFacts, ReleaseMoment } from '../../../shared/domain/member.ts';
import type { Turn } from '../lab/turn.ts';
import { beginDrain, lossOf } from './drains.ts';
import { findMembers } from './find-members.ts';
import { isPresent, onUncordon } from './leases.ts';
import { freeName, memberOfMachine } from './names.ts';

type Names = readonly string[] | 'all';

/** Gives a PC that proved its token its name; the same PC gets the same name every night. */
export function enrolMember(
  turn: Turn,
  facts: MemberFacts,
  wantedName: string | null,
): { member: MemberId; name: string } {
  const { members } = turn.state;
  const known = memberOfMachine(members.values(), facts);
  const member = known?.id ?? freeName(members, wantedName);
  const name = known?.name ?? member;
  turn.emit({ e: 'member-enrolled', member, name, seat: known?.seat ?? null, facts });
  return { member, name };
}

export function cordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, (member) => {
    if (!member.cordoned)
      turn.emit({ e: 'member-cordoned', member: member.id, because: 'asked for by hand' });
    return undefined;
  });
}

export function uncordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, (member) => {
    onUncordon(turn, member);
    return undefined;
  });
}

export function evacuateMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, (member) => {
    if (!isPresent(member)) return notHere(member);
    beginDrain(turn, member, 'evacuate', 'checkpoint', 'asked for by hand');
    return undefined;
  });
}

/** `preview`: only tells how many minutes of work would be lost. */
export function releaseMembers(
  turn: Turn,
  names: Names,
  when: ReleaseMoment,
  preview: boolean,
): Result<{ machines: string[]; minutesLost: number }> {
  let lost = 0;
  const result = eachOf(turn, names, (member) => {
    if (member.state === 'released') return undefined;
    if (!isPresent(member)) return notHere(member);
    lost += lossOf(turn, member, when);
    if (!preview) beginDrain(turn, member, 'release', when, 'asked for by hand');
    return undefined;
  });
  return result.ok ? ok({ ...result.value, minutesLost: Math.round(lost / 600) / 100 }) : result;
}

const notHere = (member: Member): string =>
  `${member.name} is not in the lab (it is ${member.state}).`;

/** In the order of the names; the first member that cannot refuses for all that follow. */
function eachOf(
  turn: Turn,
  names: Names,
  act: (member: Member) => string | undefined,
): Result<{ machines: string[] }> {
  const found = findMembers(turn.state, names);
  if (!found.ok) return found;
  for (const member of found.value) {
    const fault = act(member);
    if (fault) return refuse('refused', fault);
  }
  return ok({ machines: found.value.map((member) => member.name) });
}
