import type { MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { Turn } from '../lab/turn.ts';

/**
 * Work of a running attempt that is on no disk, in milliseconds of running. Told from what the log knows, so that a
 * head that was started in between still knows it.
 */
export function unsavedMs(turn: Pick<Turn, 'wall'>, task: Task): number {
  if (task.runningSince === null) return 0;
  const savedAt = task.checkpoints[0]?.takenAt ?? 0;
  return Math.max(0, turn.wall - Math.max(task.runningSince, savedAt));
}

/**
 * Ends an attempt whose program did not end: the task waits again, from its newest checkpoint or from zero. Only for
 * an attempt that cannot run any more, since its member said so or its lease is over; else `recallAttempt`.
 */
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
    reason: task.attempt.recalledFor ?? reason,
    lostMs: unsavedMs(turn, task),
    avoid,
  });
  forgetTransient(turn, task);
}

/** Of a job that was cancelled: nothing will place it any more, so nobody has to wait for its member. */
export function cancelTask(turn: Turn, task: TaskId): void {
  turn.emit({ e: 'task-cancelled', task });
  forgetTransient(turn, { id: task });
}

/** What was known of a running attempt and is void now. */
export function forgetTransient(turn: Turn, task: Pick<Task, 'id'>): void {
  const { transient } = turn.state;
  transient.usage.delete(task.id);
  transient.saving.delete(task.id);
  transient.saveNotBefore.delete(task.id);
  transient.saveFault.delete(task.id);
  transient.resultsWait.delete(task.id);
  transient.askedAgain.delete(task.id);
  transient.quietSince.delete(task.id);
  transient.moves.delete(task.id);
  transient.recalledAt.delete(task.id);
  transient.endedEarly.delete(task.id);
}
