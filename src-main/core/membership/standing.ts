import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { LabState } from '../state/state.ts';
import { isPresent } from './leases.ts';

/**
 * What a member's certificate is good for, which outlives its place in the lab by hours. present: everything. away: lost, given
 * back or forgotten: only the link, over which it is told what it is. banned: nothing.
 */
export type Standing = 'present' | 'away' | 'banned';

export function standingOf(state: LabState, id: MemberId): Standing {
  const member: Member | undefined = state.members.get(id);
  if (member?.banned) return 'banned';
  // One that has just enrolled says hello next.
  return member && (isPresent(member) || member.state === 'enrolling') ? 'present' : 'away';
}
