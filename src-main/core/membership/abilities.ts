import type { Member } from '../../../shared/domain/member.ts';
import { capabilities } from '../../../shared/wire/capabilities.ts';
import { seenOf, type LabState } from '../state/state.ts';

/** Whether the member said so in its last hello. The one place of the head where capabilities are asked for. */
export const memberIsAbleTo = (
  state: Pick<LabState, 'seen'>,
  member: Member | undefined,
  what: keyof typeof capabilities,
): boolean => member !== undefined && seenOf(state, member).can.includes(capabilities[what]);
