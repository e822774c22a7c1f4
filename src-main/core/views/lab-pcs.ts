import { ok, type Result } from '../../../shared/base/result.ts';
import { allCards } from '../../../shared/domain/pc-cards.ts';
import type { LabPc } from '../../ports/netboot.ts';
import type { LabState } from '../state/state.ts';
import { findMembers } from '../membership/find-members.ts';

/** Their network cards, for booting and waking them; `all`: whatever became of them. */
export function labPcs(state: LabState, names: readonly string[] | 'all'): Result<LabPc[]> {
  const members = names === 'all' ? ok([...state.members.values()]) : findMembers(state, names);
  if (!members.ok) return members;
  return ok(
    members.value.map(({ name, facts, state: is, releasedAt }) => ({
      name,
      machineKey: facts.machineKey,
      cards: allCards(facts),
      address: facts.address,
      isHere: is !== 'released' && is !== 'lost',
      releasedAt,
    })),
  );
}
