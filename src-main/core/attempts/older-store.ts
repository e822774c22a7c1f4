import { parseTaskId } from '../../../shared/domain/ids.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { AttemptReport } from '../../../shared/wire/task-spec.ts';
import type { LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';

/**
 * A head stores an attempt before it says a word of it, so a member that holds one the log has never heard of proves that the log
 * is an older copy: the home was put back, or its machine was set back to a snapshot. What such a head believes to be stale may be
 * the newest there is, so it says "discard" of nothing and lets the PC keep what it has, frozen, until a person has decided.
 */
export function refuseWhoKnowsMore(
  turn: Turn,
  member: Member,
  reports: readonly AttemptReport[],
): boolean {
  const strange = reports.find((report) => isAhead(turn.state, member, report));
  const { ahead } = turn.state.transient;
  if (!strange) {
    if (ahead.delete(member.id)) turn.touched.members.add(member.id);
    return false;
  }
  ahead.set(member.id, strange.task);
  turn.touched.members.add(member.id);
  turn.send(member.id, {
    t: 'refused',
    reason: `this PC holds task ${strange.task}, of which the head's store knows nothing yet: the store is an older copy; see nightshift machines`,
  });
  turn.directives.push({ d: 'close', member: member.id });
  return true;
}

/** A number is given to one attempt only: one that another PC has got it too was given by a head that forgot the first. */
function isAhead(state: LabState, member: Member, report: AttemptReport): boolean {
  const known = state.tasks.get(report.task);
  if (!known) return Number(parseTaskId(report.task)?.job) >= state.nextJob;
  const { attempt, epoch } = known;
  const isGivenTwice = attempt?.epoch === report.epoch && attempt.machine !== member.id;
  return report.epoch > epoch || isGivenTwice;
}
