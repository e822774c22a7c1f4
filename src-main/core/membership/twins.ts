import { refuse, type Result } from '../../../shared/base/result.ts';
import type { Member, MemberFacts } from '../../../shared/domain/member.ts';
import { keysOf } from '../../../shared/domain/pc-cards.ts';
import { seenOf } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { isPresent } from './leases.ts';

/**
 * A PC is known by its cards, which it says itself: a copied stick, a docking station or a forged address make two PCs of
 * one. So whoever claims to be a PC whose lease may still hold has to be the boot that holds it, or to wait until that is
 * over. A PC that started anew waits as well, since nobody can tell the two apart; a boot takes longer than that.
 */
export const isOtherBoot = (member: Member, facts: MemberFacts): boolean =>
  isPresent(member) && (member.facts.boot ?? null) !== (facts.boot ?? null);

/** A refusal, for now, of who claims to be a member that is here; noted, so that people hear of it. */
export function refuseTwin(turn: Turn, member: Member, facts: MemberFacts): Result<never> {
  const { twins } = turn.state.transient;
  const before = twins.get(member.id);
  const isSame = before !== undefined && turn.now - before.last < forgottenAfter(turn);
  const since = isSame ? before.since : turn.now;
  // Once the claim has outlived every lease, it is no PC that started anew.
  const isTwo = turn.now - since >= turn.timings.lostAfter;
  twins.set(member.id, { since, last: turn.now, isTwo });
  turn.touched.members.add(member.id);
  const seconds = Math.round((turn.now - seenOf(turn.state, member).heardAt) / 1000);
  return refuse(
    'failed',
    `${member.name} is in the lab already, heard ${seconds} s ago. If this is ${member.name}, started anew, it joins by itself within half a minute; ` +
      `if not, two PCs have the network card ${facts.machineKey}: start this one without its dock or adapter.`,
  );
}

const forgottenAfter = ({ timings }: Pick<Turn, 'timings'>): number => 6 * timings.lostAfter;

/** Every tick: a twin that asks no more has left, or was the PC itself. */
export function forgetTwins(turn: Turn): void {
  const { twins } = turn.state.transient;
  for (const [id, { last }] of twins)
    if (turn.now - last >= forgottenAfter(turn)) {
      twins.delete(id);
      turn.touched.members.add(id);
    }
}

/** In a hello a PC may tell of other cards than before, but it is the one that enrolled. */
export const isSamePc = (member: Member, facts: MemberFacts): boolean => {
  const keys = keysOf(member.facts);
  return keysOf(facts).some((key) => keys.includes(key));
};

/** Why a link that says this is not the member's, whatever certificate it came with; a good one goes on meanwhile. */
export function notThisMember(member: Member, facts: MemberFacts): string | undefined {
  if (!isSamePc(member, facts))
    return `this PC enrolled as ${member.name} and says now that it is another one; start it anew`;
  if (!isOtherBoot(member, facts)) return undefined;
  return `another PC is ${member.name} in this lab; this one enrols again when that one has left`;
}
