import { wholeJob, type WholeJob } from '../../shared/api/whole-job.ts';
import type { HeadApi } from '../bridge/head-bridge.ts';

/**
 * Why a task waits names how many are ahead of it, which changes without the task itself; milliseconds, for each answer
 * that it takes to tell the job as a whole.
 */
const wholeEvery = 20_000;

/** A job with all its tasks, of which only those that changed are fetched again. */
export class JobChanges {
  readonly #api: HeadApi;
  readonly #now: () => number;
  #asked: string | null = null;
  #have: WholeJob | null = null;
  #revision: string | null = null;
  #wholeAt = 0;
  #answers = 1;

  constructor(api: HeadApi, now: () => number = () => performance.now()) {
    this.#api = api;
    this.#now = now;
  }

  /** `id`: as the address names it; of another job nothing is known yet. */
  async ask(id: string): Promise<WholeJob> {
    if (this.#asked !== id) this.#have = this.#revision = null;
    this.#asked = id;
    const had = this.#have;
    const since = this.#now() - this.#wholeAt < wholeEvery * this.#answers ? this.#revision : null;
    const { revision, whole, job: first } = await this.#api.jobs.changes({ job: id, since });
    let answers = 1;
    const job = await wholeJob(first, (from) => {
      answers += 1;
      return this.#api.jobs.get({ job: id, from });
    });
    const merged = whole || had === null ? job : { ...job, tasks: merge(had.tasks, job.tasks) };
    this.#have = merged;
    if (whole) {
      this.#wholeAt = this.#now();
      this.#answers = answers;
    }
    // A job that is held or let go changes what each of its tasks waits for.
    this.#revision = had !== null && had.state !== job.state && !whole ? null : revision;
    return merged;
  }
}

/** A job never gets other tasks than it began with. */
function merge(had: WholeJob['tasks'], fresh: WholeJob['tasks']): WholeJob['tasks'] {
  if (fresh.length === 0) return had;
  const changed = new Map(fresh.map((task) => [task.id, task]));
  return had.map((task) => changed.get(task.id) ?? task);
}
