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
  const seat = turn.state.seats.get(facts.machineKey) ?? known?.seat ?? null;
  turn.emit({ e: 'member-enrolled', member, name, seat, facts });
  return { member, name };
}

export function cordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, anyone, (member) => {
    if (!member.cordoned)
      turn.emit({ e: 'member-cordoned', member: member.id, because: 'asked for by hand' });
  });
}

export function uncordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, anyone, (member) => onUncordon(turn, member));
}

export function evacuateMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, isPresent, (member) =>
    beginDrain(turn, member, 'evacuate', 'checkpoint', 'asked for by hand'),
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
  const isReleased = ({ state }: Member): boolean => state === 'released';
  const mayGo = (member: Member): boolean => isReleased(member) || isPresent(member);
  const result = eachOf(turn, names, mayGo, (member) => {
    if (isReleased(member)) return;
    lost += lossOf(turn, member, when);
    if (!preview) beginDrain(turn, member, 'release', when, 'asked for by hand');
  });
  return result.ok ? ok({ ...result.value, minutesLost: Math.round(lost / 600) / 100 }) : result;
}

const anyone = (): boolean => true;

/** All of them, or none: all are looked at before anything is done to the first. */
function eachOf(
  turn: Turn,
  names: Names,
  mayBe: (member: Member) => boolean,
  act: (member: Member) => void,
): Result<{ machines: string[] }> {
  const found = findMembers(turn.state, names);
  if (!found.ok) return found;
  const absent = found.value.find((member) => !mayBe(member));
  if (absent) return refuse('refused', `${absent.name} is not in the lab (it is ${absent.state}).`);
  for (const member of found.value) act(member);
  return ok({ machines: found.value.map((member) => member.name) });
}
