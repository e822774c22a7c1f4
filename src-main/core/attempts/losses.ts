import type { Reason } from '../../../shared/domain/reasons.ts';
import type { BlobHash, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Checkpoint, Task } from '../../../shared/domain/job.ts';
import type { Turn } from '../state/turn.ts';

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
  reason: Reason,
  avoid: MemberId | null = null,
  lostMs: number = unsavedMs(turn, task),
): void {
  if (!task.attempt) return;
  turn.emit({
    e: 'task-attempt-lost',
    task: task.id,
    epoch: task.attempt.epoch,
    reason: task.attempt.recalledFor ?? reason,
    lostMs,
    avoid,
  });
  forgetTransient(turn, task);
}

/** A checkpoint that cannot be restored: what is in no older one has to be done again. */
export function dropCheckpoint(turn: Turn, task: Task, hash: BlobHash, reason: Reason): void {
  const at = task.checkpoints.findIndex((checkpoint) => checkpoint.hash === hash);
  const [dropped, older] = [task.checkpoints[at], task.checkpoints[at + 1]];
  // Only the newest is what the task would go on from.
  const lostMs = at === 0 && dropped ? Math.max(0, doneMsOf(dropped) - doneMsOf(older)) : 0;
  turn.emit({ e: 'task-checkpoint-dropped', task: task.id, hash, reason, lostMs });
}

const doneMsOf = (checkpoint: Checkpoint | undefined): number =>
  checkpoint === undefined ? 0 : (checkpoint.doneMs ?? checkpoint.cpuSeconds * 1000);

/** Milliseconds of running that are in a checkpoint taken now. */
export function doneMsAt(task: Task, takenAt: number): number {
  const [newest] = task.checkpoints;
  if (task.runningSince === null) return doneMsOf(newest);
  // Of this run: it goes on from the newest one. Else: from the one it began with.
  if (newest && newest.takenAt >= task.runningSince)
    return doneMsOf(newest) + Math.max(0, takenAt - newest.takenAt);
  const began = task.checkpoints.find(({ hash }) => hash === task.attempt?.from);
  return doneMsOf(began) + Math.max(0, takenAt - task.runningSince);
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
  transient.doubts.delete(task.id);
  transient.endedEarly.delete(task.id);
}
