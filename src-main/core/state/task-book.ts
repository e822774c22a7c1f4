import { parseTaskId, taskIdOf, type JobId, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { newTask, taskIndexes } from './new-task.ts';

/**
 * The records of tasks that were placed, or of which anything else was said. Of a task that only ever waited its job
 * tells all there is to know: `get` makes it on the spot, so that an array of 100,000 is one record until its tasks
 * start. What was made is no record, and changes of it are lost; `record` is for changing. As a map it holds records only.
 */
export class TaskBook extends Map<TaskId, Task> {
  readonly #jobs: ReadonlyMap<JobId, Job>;
  #stored: (id: TaskId) => Task | undefined = () => undefined;

  constructor(jobs: ReadonlyMap<JobId, Job>) {
    super();
    this.#jobs = jobs;
  }

  /** Where tasks of archived jobs are found. */
  lookUpIn(stored: (id: TaskId) => Task | undefined): void {
    this.#stored = stored;
  }

  override get(id: TaskId): Task | undefined {
    return super.get(id) ?? this.#implied(id);
  }

  /** From now on it has one. */
  record(id: TaskId): Task | undefined {
    const known = super.get(id);
    if (known) return known;
    const task = this.#implied(id);
    if (task) this.set(id, task);
    return task;
  }

  #implied(id: TaskId): Task | undefined {
    const parts = parseTaskId(id);
    const job = parts && this.#jobs.get(parts.job);
    if (!parts || !job || taskIdOf(job.id, parts.index) !== id) return undefined;
    const { first, last } = taskIndexes(job);
    if (parts.index < first || parts.index > last) return undefined;
    return (job.archived && this.#stored(id)) ?? untouchedTask(job, parts.index);
  }
}

/** A task without a record. */
export function untouchedTask(job: Job, index: number): Task {
  const task = newTask(job.id, index);
  if (job.queueCancelledAt == null) return task;
  task.state = 'cancelled';
  task.finishedAt = job.queueCancelledAt;
  return task;
}
