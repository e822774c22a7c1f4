import type { JobId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { InVain } from '../../../shared/domain/refusals.ts';
import type { VainEnd } from '../../../shared/domain/waiting.ts';
import { isInVain } from '../state/reindex.ts';
import type { LabState } from '../state/state.ts';
import { placeInJob, sizeOf } from '../state/waiting-queue.ts';
import { isOpen, misfit } from '../state/fit.ts';
import { shapeOf } from './free-rooms.ts';

/** Jobs that keep this one from starting: those that are not over yet, and those whose success it needs and that had none. */
export function blockers(state: LabState, job: Job): JobId[] {
  const { after, afterOk = [] } = job.spec;
  const isOpen = (id: JobId): boolean => (state.index.open.get(id) ?? 0) > 0;
  return [...after.filter(isOpen), ...afterOk.filter((id) => isOpen(id) || isInVain(state, id))];
}

/** Jobs that were to be done before this one and cannot be any more. */
export const neverStartsAfter = (state: LabState, job: Job): JobId[] =>
  (job.spec.afterOk ?? []).filter((id) => isInVain(state, id));

/** How a job ended that was to be done before another and cannot be any more. */
export const endOf = (state: LabState, id: JobId): VainEnd =>
  state.jobs.has(id) ? (inVainBecause(state, id) ?? 'never-starts') : 'unknown';

/** Why what is to start once this job is done never will; null while it may. */
export function inVainBecause(state: LabState, id: JobId): InVain | null {
  if (state.jobs.get(id)?.cancelled) return 'cancelled';
  if (!isInVain(state, id)) return null;
  return state.index.unsuccessful.has(id) ? 'failed' : 'never-starts';
}

/** How many more of its tasks may be on machines, where the job itself says how many at a time. */
export function roomInJob({ index }: LabState, { id, spec }: Job): number {
  const { atOnce } = spec;
  return atOnce === undefined || atOnce === null
    ? Infinity
    : atOnce - (index.tallies.get(id)?.counts.running ?? 0);
}

/** How many of its tasks may start now, as far as it is up to the job. */
export const mayStart = (state: LabState, job: Job): number =>
  job.held || job.cancelled || blockers(state, job).length > 0 ? 0 : roomInJob(state, job);

/**
 * How many tasks go before one that waits: those that stand before it in the queue, of jobs that may start and that some PC
 * which takes tasks could run. Made for one answer, in which what concerns a whole job is counted once.
 */
export function tasksAhead(state: LabState): (task: Task) => number {
  const before = new Map<JobId, number>();
  const open = [...state.members.values()].filter((member) => isOpen(state, member));
  const fits = new Map<string, boolean>();
  const canRun = (job: Job): boolean => {
    const shape = shapeOf(job);
    let can = fits.get(shape);
    if (can === undefined)
      fits.set(shape, (can = open.some((member) => !misfit(job.spec, member))));
    return can;
  };
  const beforeJob = (id: JobId): number => {
    let count = 0;
    for (const waiting of state.index.queue.jobs()) {
      if (waiting.job === id) break;
      const job = state.jobs.get(waiting.job);
      const most = job ? mayStart(state, job) : 0;
      if (job && most > 0 && canRun(job)) count += Math.min(most, sizeOf(waiting));
    }
    return count;
  };
  return (task) => {
    const waiting = state.index.queue.of(task.job);
    if (!waiting) return 0;
    let count = before.get(task.job);
    if (count === undefined) before.set(task.job, (count = beforeJob(task.job)));
    return count + placeInJob(waiting, task);
  };
}
