import type { TaskId } from '../../shared/domain/ids.ts';

/**
 * When each task changed last, so that whoever shows a job of 10,000 asks only for what is new. Numbers are of one run of
 * the head and of one reading of its store: others are not known, and whoever comes with one gets everything.
 */
export class TaskRevisions {
  readonly #changed = new Map<TaskId, number>();
  readonly #mark: string;
  #reading = 0;
  #now = 0;

  /** `mark`: differs from that of every other head of this lab. */
  constructor(mark: string) {
    this.#mark = mark;
  }

  note(tasks: Iterable<TaskId>): void {
    this.#now += 1;
    for (const task of tasks) this.#changed.set(task, this.#now);
  }

  /** The lab was read back from its store: what anybody was told may never have been. */
  forget(): void {
    this.#reading += 1;
    this.#changed.clear();
  }

  get current(): string {
    return `${this.#mark}.${this.#reading}.${this.#now}`;
  }

  /** Whether a task changed after `revision`; null when nobody can know. */
  since(revision: string | null): ((task: TaskId) => boolean) | null {
    const prefix = `${this.#mark}.${this.#reading}.`;
    if (revision === null || !revision.startsWith(prefix)) return null;
    const number = Number(revision.slice(prefix.length));
    if (!Number.isInteger(number) || number > this.#now) return null;
    return (task) => (this.#changed.get(task) ?? 0) > number;
  }
}
