import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Member, MemberFacts } from '../../../shared/domain/member.ts';
import { keysOf } from '../../../shared/domain/pc-cards.ts';
import { pcName } from '../../../shared/domain/pc-names.ts';

/**
 * A PC is known again by its machine key, else by any card that is built into it, whatever name it asks for: which card it
 * calls itself by was decided otherwise once, and a card may be broken or switched off.
 */
export function memberOfMachine(members: Iterable<Member>, facts: MemberFacts): Member | undefined {
  const all = [...members];
  const keys = keysOf(facts);
  return (
    all.find((member) => member.facts.machineKey === facts.machineKey) ??
    all.find((member) => keysOf(member.facts).some((key) => keys.includes(key)))
  );
}

/** The wanted name as a slug when it is free, else the next free `pc-NN`. */
export function freeName(members: { has(id: MemberId): boolean }, wanted: string | null): MemberId {
  const slug = wanted
    ?.toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  if (slug && !members.has(slug as MemberId)) return slug as MemberId;
  for (let number = 1; ; number += 1) {
    const id = pcName(number) as MemberId;
    if (!members.has(id)) return id;
  }
}

/** Finds a machine by id or by name. */
export function findMember(
  members: ReadonlyMap<MemberId, Member>,
  text: string,
): Member | undefined {
  const byId = members.get(text as MemberId);
  if (byId) return byId;
  for (const member of members.values()) if (member.name === text) return member;
  return undefined;
}
