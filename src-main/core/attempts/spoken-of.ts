import type { Epoch, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Attempt, Job, Task } from '../../../shared/domain/job.ts';
import type { LabState } from '../state/state.ts';

/** What a message about `(task, epoch)` from this member speaks of. */
export type Spoken =
  /** The attempt that holds the task. */
  | { readonly is: 'current'; readonly task: Task; readonly job: Job; readonly attempt: Attempt }
  /** The attempt the task is moving to. */
  | {
      readonly is: 'incoming';
      readonly task: Task;
      readonly job: Job;
      readonly attempt: Attempt;
      readonly move: NonNullable<Attempt['move']>;
    }
  /** An attempt that is over: whatever it says changes nothing. */
  | { readonly is: 'stale' };

/** The one place where epochs are compared. */
export function spokenOf(state: LabState, member: MemberId, id: TaskId, epoch: Epoch): Spoken {
  const task = state.tasks.get(id);
  const job = task && state.jobs.get(task.job);
  const attempt = task?.attempt;
  if (!task || !job || !attempt) return { is: 'stale' };
  if (attempt.machine === member && attempt.epoch === epoch)
    return { is: 'current', task, job, attempt };
  const { move } = attempt;
  if (move?.to === member && move.toEpoch === epoch)
    return { is: 'incoming', task, job, attempt, move };
  return { is: 'stale' };
}
