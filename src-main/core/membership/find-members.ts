import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { LabState } from '../state/state.ts';
import { isPresent } from './leases.ts';
import { findMember } from './names.ts';

/** Names → members; `all` are those that are present. */
export function findMembers(state: LabState, names: readonly string[] | 'all'): Result<Member[]> {
  if (names === 'all') {
    const present = [...state.members.values()].filter(isPresent);
    return present.length > 0
      ? ok(present)
      : refuse('refused', 'no PC is in the lab at the moment.');
  }
  const found: Member[] = [];
  for (const name of names) {
    const member = findMember(state.members, name);
    if (!member)
      return refuse('not-found', `there is no machine "${name}"; nightshift machines lists them.`);
    if (!found.includes(member)) found.push(member);
  }
  return ok(found);
}
