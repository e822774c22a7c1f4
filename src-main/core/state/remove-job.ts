import type { EpochMillis } from '../../../shared/base/units.ts';
import { taskIdOf, type BlobHash, type JobId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { taskIndexes } from './new-task.ts';
import { blobsOf } from './referenced-blobs.ts';
import type { LabState } from './state.ts';

/** Takes a job that is over out of the lab, with its tasks; what the report of this night says of it stays. */
export function removeJob(state: LabState, id: JobId): void {
  const job = state.jobs.get(id);
  if (!job) return;
  for (const task of recordsOf(state, job)) {
    keepForReport(state, task);
    state.tasks.delete(task.id);
  }
  const { index } = state;
  state.jobs.delete(id);
  index.queue.removeJob(id);
  for (const byJob of [index.open, index.tallies, index.awaitedBy]) byJob.delete(id);
  for (const jobs of [index.unsuccessful, index.hopeless, index.cancelling, index.holding])
    jobs.delete(id);
  for (const other of job.spec.afterOk ?? []) {
    const left = index.awaitedBy.get(other)?.filter((waiting) => waiting !== id);
    if (left?.length) index.awaitedBy.set(other, left);
    else index.awaitedBy.delete(other);
  }
}

/**
 * Takes the tasks of a job that is over out of the memory: a year of nights would fill it. They stay in the store, where
 * `TaskBook` finds them. Tells which blobs they left.
 */
export function archiveJob(state: LabState, id: JobId): ReadonlySet<BlobHash> {
  const left = new Set<BlobHash>();
  const job = state.jobs.get(id);
  const tally = state.index.tallies.get(id);
  if (!job || !tally) return left;
  for (const task of recordsOf(state, job)) {
    for (const hash of blobsOf(task)) left.add(hash);
    keepForReport(state, task);
    state.tasks.delete(task.id);
  }
  state.index.queue.removeJob(id);
  job.archived = { counts: { ...tally.counts }, finishedAt: tally.finishedAt };
  return left;
}

/** In order; those that only ever waited have none. */
export function* recordsOf(state: LabState, job: Job): Iterable<Task> {
  const { first, last } = taskIndexes(job);
  // What was never said of a task is made on the spot by `get`, and is no record.
  for (let index = first; index <= last; index += 1) {
    const id = taskIdOf(job.id, index);
    const task = state.tasks.has(id) ? state.tasks.get(id) : undefined;
    if (task) yield task;
  }
}

/** What a morning report tells of single tasks: how they moved, and how they failed. */
export function keepForReport({ night }: LabState, task: Task): void {
  const since = (at: EpochMillis | null): boolean => (at ?? 0) >= night.openedAt;
  const moves = task.migrations.filter(({ at }) => since(at));
  const failed = task.state === 'failed' && since(task.finishedAt);
  if (moves.length === 0 && !failed) return;
  const gone = (night.gone ??= { moves: [], failures: [] });
  for (const move of moves) gone.moves.push({ ...move, task: task.id });
  if (failed) gone.failures.push({ task: task.id, reason: task.reason });
}
