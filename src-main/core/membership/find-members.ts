import { ok, type Result } from '../../../shared/base/result.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import type { LabState } from '../state/state.ts';
import { isPresent } from './leases.ts';
import { findMember } from './names.ts';

/** Names → members; `all` are those that are present. */
export function findMembers(state: LabState, names: readonly string[] | 'all'): Result<Member[]> {
  if (names === 'all') {
    const present = [...state.members.values()].filter(isPresent);
    return present.length > 0 ? ok(present) : refuseFor('refused', 'no-machine-is-here', {});
  }
  const found: Member[] = [];
  for (const name of names) {
    const member = findMember(state.members, name);
    if (!member) return refuseFor('not-found', 'no-such-machine', { named: name });
    if (!found.includes(member)) found.push(member);
  }
  return ok(found);
}
