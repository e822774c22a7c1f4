import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { hours } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Member, MemberFacts, ReleaseMoment } from '../../../shared/domain/member.ts';
import type { Turn } from '../lab/turn.ts';
import { beginDrain, lossOf } from './drains.ts';
import { findMembers } from './find-members.ts';
import { isPresent, onUncordon } from './leases.ts';
import { freeName, memberOfMachine } from './names.ts';
import { isOtherBoot, refuseTwin } from './twins.ts';

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
  if (known?.banned) return refuse('refused', bannedSentence(known));
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
  return ok({ member, name });
}

export function cordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, anyone, (member) => {
    if (!member.cordoned)
      turn.emit({ e: 'member-cordoned', member: member.id, because: 'asked for by hand' });
  });
}

export function uncordonMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  return eachOf(turn, names, mayOpen, (member) => onUncordon(turn, member));

  function mayOpen({ banned }: Member): boolean {
    return banned === null;
  }
}

/** Keeps PCs out from this moment on. What they run is lost when their leases are over, no earlier. */
export function banMembers(
  turn: Turn,
  names: readonly string[],
  because: string | null,
): Result<{ machines: string[] }> {
  return eachOf(turn, names, anyone, (member) => {
    if (!member.banned) turn.emit({ e: 'member-banned', member: member.id, because });
    member.linked = false;
    turn.directives.push({ d: 'hang-up', member: member.id });
  });
}

export function unbanMembers(turn: Turn, names: readonly string[]): Result<{ machines: string[] }> {
  const found = findMembers(turn.state, names);
  if (!found.ok) return found;
  const free = found.value.find(({ banned }) => !banned);
  if (free) return refuse('refused', `${free.name} is not banned.`);
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
    return refuse(
      'refused',
      `${here.name} is in the lab; release it first, or keep it out with: nightshift machines ban ${here.name}`,
    );
  }
  const machines = found.value.map(({ name }) => name);
  for (const { id } of found.value) {
    turn.emit({ e: 'member-forgotten', member: id });
    turn.directives.push({ d: 'hang-up', member: id });
  }
  return ok({ machines });
}

/** What its screen says, and whoever looks for it. */
function bannedSentence({ name, banned }: Member): string {
  const because = banned?.because ? ` (${banned.because})` : '';
  return `This PC, ${name}, is banned from this lab${because}; nightshift machines unban ${name} lets it in again.`;
}

export function evacuateMembers(turn: Turn, names: Names): Result<{ machines: string[] }> {
  const found = findMembers(turn.state, names);
  const goes = found.ok && found.value.find(({ drain }) => drain?.purpose === 'release');
  if (goes)
    return refuse(
      'refused',
      `${goes.name} is being given back; evacuated instead it would stay in the lab.`,
    );
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
  if (absent?.banned) return refuse('refused', bannedSentence(absent));
  if (absent) return refuse('refused', `${absent.name} is not in the lab (it is ${absent.state}).`);
  for (const member of found.value) act(member);
  return ok({ machines: found.value.map((member) => member.name) });
}
