import type { JobId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { IndexRanges } from './index-ranges.ts';
import { taskIndexes } from './new-task.ts';

/** What of a job waits, by index. */
export interface WaitingOfJob {
  readonly job: JobId;
  readonly priority: number;
  readonly suspended: IndexRanges;
  /** Those with a record, which were placed before, and those without. */
  readonly again: IndexRanges;
  untouched: IndexRanges;
}

/**
 * All that waits, in the one order in which it is placed and of which people are told: higher priority, older job,
 * suspended before fresh, lower index. Whether a job may start at all (held, after others) is not a matter of order.
 * Derived from jobs and tasks; `reindexTask` keeps it, so that nothing is ever sorted or counted anew.
 */
export class WaitingQueue {
  readonly #waiting = new Map<JobId, WaitingOfJob>();
  /** Jobs with anything that waits. */
  readonly #order: WaitingOfJob[] = [];
  /** Tasks without a record that wait no more: they were cancelled with their job. */
  readonly #cancelled = new Map<JobId, IndexRanges>();

  get size(): number {
    return this.#order.length;
  }

  /** Of the job as it is right now; undefined when nothing of it waits. */
  of(job: JobId): WaitingOfJob | undefined {
    return this.#waiting.get(job);
  }

  /** In order. */
  jobs(): readonly WaitingOfJob[] {
    return this.#order;
  }

  /** Tasks without a record, whether they wait or were cancelled with their job. */
  untouchedOf(job: JobId): IndexRanges {
    return this.#cancelled.get(job) ?? this.#waiting.get(job)?.untouched ?? new IndexRanges();
  }

  addJob(job: Job): void {
    const { first, last } = taskIndexes(job);
    const all = IndexRanges.of(first, last);
    if (job.queueCancelledAt != null) this.#cancelled.set(job.id, all);
    else this.#enter({ ...noneOf(job), untouched: all });
  }

  cancelUntouched(job: JobId): void {
    const waiting = this.#waiting.get(job);
    if (!waiting) return;
    this.#cancelled.set(job, waiting.untouched);
    waiting.untouched = new IndexRanges();
    this.#leaveIfEmpty(waiting);
  }

  /** Puts a task with a record where its state says. */
  put(job: Job, { index, state }: Pick<Task, 'index' | 'state'>): void {
    let waiting = this.#waiting.get(job.id);
    this.#cancelled.get(job.id)?.delete(index);
    if (waiting) {
      waiting.untouched.delete(index);
      waiting.again.delete(index);
      waiting.suspended.delete(index);
    }
    if (state === 'queued' || state === 'suspended') {
      if (!waiting) this.#enter((waiting = noneOf(job)));
      (state === 'queued' ? waiting.again : waiting.suspended).add(index);
    } else if (waiting) this.#leaveIfEmpty(waiting);
  }

  /** For a job that is forgotten as a whole. */
  removeJob(job: JobId): void {
    const waiting = this.#waiting.get(job);
    if (waiting) this.#leave(waiting);
    this.#cancelled.delete(job);
  }

  #leaveIfEmpty(waiting: WaitingOfJob): void {
    if (sizeOf(waiting) === 0) this.#leave(waiting);
  }

  #leave(waiting: WaitingOfJob): void {
    this.#order.splice(this.#placeOf(waiting), 1);
    this.#waiting.delete(waiting.job);
  }

  #enter(waiting: WaitingOfJob): void {
    this.#waiting.set(waiting.job, waiting);
    this.#order.splice(this.#placeOf(waiting), 0, waiting);
  }

  /** Its place, or the one it would get. */
  #placeOf(waiting: WaitingOfJob): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#order[middle];
      if (other && goesBefore(other, waiting)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const noneOf = ({ id, spec }: Job): WaitingOfJob => ({
  job: id,
  priority: spec.priority,
  suspended: new IndexRanges(),
  again: new IndexRanges(),
  untouched: new IndexRanges(),
});

const goesBefore = (a: WaitingOfJob, b: WaitingOfJob): boolean =>
  a.priority !== b.priority ? a.priority > b.priority : Number(a.job) < Number(b.job);

export const sizeOf = ({ suspended, again, untouched }: WaitingOfJob): number =>
  suspended.size + again.size + untouched.size;

/** How many tasks of the same job go before this one, which waits. */
export function placeInJob(waiting: WaitingOfJob, task: Pick<Task, 'index' | 'state'>): number {
  const { suspended, again, untouched } = waiting;
  return task.state === 'suspended'
    ? suspended.below(task.index)
    : suspended.size + again.below(task.index) + untouched.below(task.index);
}

/** Indexes in the order in which they go; the job's tasks may be placed meanwhile. */
export function* indexesInOrder(waiting: WaitingOfJob): Generator<number, void, void> {
  yield* waiting.suspended;
  // Both are ascending; the lower one goes.
  for (let from = -1; ;) {
    const again = waiting.again.from(from + 1) ?? Infinity;
    const next = Math.min(again, waiting.untouched.from(from + 1) ?? Infinity);
    if (next === Infinity) return;
    yield next;
    from = next;
  }
}
