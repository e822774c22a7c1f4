import type { JobId, TaskId } from '../../shared/domain/ids.ts';

/** Changes that are remembered; whoever looks again after more of them gets everything. */
const mostKept = 50_000;

/**
 * Which tasks changed when, so that whoever shows a job of 10,000 asks only for what is new. Numbers are of one run of
 * the head and of one reading of its store: others are not known, and whoever comes with one gets everything.
 */
export class TaskRevisions {
  /** Oldest first. */
  #changes: { readonly at: number; readonly task: TaskId }[] = [];
  /** When something last changed all tasks of a job at once, without a word of each. */
  readonly #whole = new Map<JobId, number>();
  readonly #mark: string;
  #reading = 0;
  #now = 0;
  /** What changed up to here is forgotten. */
  #forgotten = 0;

  /** `mark`: differs from that of every other head of this lab. */
  constructor(mark: string) {
    this.#mark = mark;
  }

  /** `jobs`: those of which every task may be another. */
  note(tasks: Iterable<TaskId>, jobs: Iterable<JobId> = []): void {
    this.#now += 1;
    for (const task of tasks) this.#changes.push({ at: this.#now, task });
    for (const job of jobs) this.#whole.set(job, this.#now);
    if (this.#changes.length <= 2 * mostKept) return;
    this.#changes = this.#changes.slice(-mostKept);
    this.#forgotten = this.#changes[0]?.at ?? this.#now;
  }

  /** The lab was read back from its store: what anybody was told may never have been. */
  forget(): void {
    this.#reading += 1;
    this.#changes = [];
    this.#whole.clear();
  }

  get current(): string {
    return `${this.#mark}.${this.#reading}.${this.#now}`;
  }

  /** The tasks, of this job and of others, that changed after `revision`; null when nobody can know, or all may have. */
  since(revision: string | null, job?: JobId): ReadonlySet<TaskId> | null {
    const prefix = `${this.#mark}.${this.#reading}.`;
    if (revision === null || !revision.startsWith(prefix)) return null;
    const number = Number(revision.slice(prefix.length));
    if (!Number.isInteger(number) || number > this.#now || number < this.#forgotten) return null;
    if (job !== undefined && (this.#whole.get(job) ?? 0) > number) return null;
    const changed = new Set<TaskId>();
    for (let place = this.#changes.length - 1; place >= 0; place -= 1) {
      const change = this.#changes[place];
      if (!change || change.at <= number) break;
      changed.add(change.task);
    }
    return changed;
  }
}
