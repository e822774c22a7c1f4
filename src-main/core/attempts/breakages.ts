import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Attempt, Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { seenOf, type LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';

/**
 * A task that takes its PC down takes down the next one, too, and by the morning the lab. PCs that were lost under a task,
 * or started anew under it, or were lost while it moved to them, are counted on the task; after the second it is held and
 * named until a person lets it go on. A PC that it left well ends the count; one that comes back as it was is not counted.
 */
export const breaksBeforeHold = 2;

/**
 * Whether the loss of this PC, which is a fact, may be the task's doing. It is not when a person kept the PC out, not when the
 * task had hardly reached it, and not when other PCs that had none of its job went at the same time: that is a fuse or a switch.
 */
export function mayHaveBroken(turn: Turn, member: Member, job: Job, attempt: Attempt): boolean {
  const heardAt = turn.wall - (turn.now - seenOf(turn.state, member).heardAt);
  const isThere =
    attempt.phase !== 'starting' || heardAt >= attempt.placedAt + turn.timings.heartbeat;
  return isThere && member.banned === null && !wentWithOthers(turn, member, job);
}

function wentWithOthers(turn: Turn, member: Member, job: Job): boolean {
  const had = machinesOfJob(turn.state, job);
  const { heardAt } = seenOf(turn.state, member);
  return [...turn.state.members.values()].some(
    (other) =>
      other.id !== member.id &&
      !had.has(other.id) &&
      (other.state === 'lost' || other.state === 'suspect') &&
      Math.abs(seenOf(turn.state, other).heardAt - heardAt) <= turn.timings.lostAfter,
  );
}

function machinesOfJob(state: LabState, job: Job): Set<MemberId> {
  const had = new Set<MemberId>();
  for (const task of state.tasks.values()) {
    if (task.job !== job.id) continue;
    if (task.lastMachine) had.add(task.lastMachine);
    for (const machine of task.broke) had.add(machine);
  }
  return had;
}

/** The source sees a broken transfer at once, and the head the loss of its target half a minute later. */
export function noteFailedMove(turn: Turn, task: Task, to: MemberId): void {
  const { moves, failedMoves } = turn.state.transient;
  if (moves.get(task.id)?.sent === false) return;
  const failed = failedMoves.get(to) ?? new Map<Task['id'], Turn['now']>();
  failedMoves.set(to, failed.set(task.id, turn.now));
}

/** Tasks whose move to this PC failed about when it was heard last. */
export function tasksThatFailedToCome(turn: Turn, member: Member): Task[] {
  const { state, timings } = turn;
  const failed = [...(state.transient.failedMoves.get(member.id) ?? [])];
  state.transient.failedMoves.delete(member.id);
  return failed.flatMap(([id, at]) => {
    const task = state.tasks.get(id);
    const job = task && state.jobs.get(task.job);
    return job &&
      at >= seenOf(state, member).heardAt - timings.suspectAfter &&
      !wentWithOthers(turn, member, job)
      ? [task]
      : [];
  });
}

export function blame(turn: Turn, member: Member, task: Task): void {
  turn.emit({ e: 'task-blamed', task: task.id, machine: member.id });
  if (task.broke.length < breaksBeforeHold || task.heldFor !== null) return;
  const names = task.broke.map((id) => turn.state.members.get(id)?.name ?? id);
  turn.emit({
    e: 'task-held',
    task: task.id,
    reason: { code: 'took-pcs-down', facts: { pcs: names, job: task.job } },
  });
}

/** A PC that was lost is back and has it still: its cable was out, and nothing broke. */
export function clearOfBlame(turn: Turn, member: Member, task: Task | undefined): void {
  if (task?.broke.includes(member.id))
    turn.emit({ e: 'task-cleared', task: task.id, machine: member.id });
}
