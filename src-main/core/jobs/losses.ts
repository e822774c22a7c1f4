import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { Turn } from '../lab/turn.ts';

/** Work of a running attempt that is on no disk, in milliseconds of running. */
export function unsavedMs(turn: Pick<Turn, 'state' | 'now'>, task: Task): number {
  if (!task.attempt || task.attempt.phase === 'starting') return 0;
  const since = turn.state.transient.quietSince.get(task.id);
  return since === undefined ? 0 : Math.max(0, turn.now - since);
}

/** Ends an attempt whose program did not end: the task waits again, from its newest checkpoint or from zero. */
export function loseAttempt(
  turn: Turn,
  task: Task,
  reason: string,
  avoid: MemberId | null = null,
): void {
  if (!task.attempt) return;
  turn.emit({
    e: 'task-attempt-lost',
    task: task.id,
    epoch: task.attempt.epoch,
    reason,
    lostMs: unsavedMs(turn, task),
    avoid,
  });
  forgetTransient(turn, task);
}

/** What was known of a running attempt and is void now. */
export function forgetTransient(turn: Turn, task: Task): void {
  const { transient } = turn.state;
  transient.saving.delete(task.id);
  transient.saveNotBefore.delete(task.id);
  transient.saveFault.delete(task.id);
  transient.resultsWait.delete(task.id);
  transient.askedAgain.delete(task.id);
  transient.quietSince.delete(task.id);
  transient.moves.delete(task.id);
}
