import type { JobDetail } from '../../shared/api/views.ts';
import type { HeadApi } from '../bridge/head-bridge.ts';

/** Why a task waits names how many are ahead of it, which changes without the task itself; milliseconds. */
const wholeEvery = 20_000;

/** A job with all its tasks, of which only those that changed are fetched again. */
export class JobChanges {
  readonly #api: HeadApi;
  readonly #now: () => number;
  #asked: string | null = null;
  #have: JobDetail | null = null;
  #revision: string | null = null;
  #wholeAt = 0;

  constructor(api: HeadApi, now: () => number = () => performance.now()) {
    this.#api = api;
    this.#now = now;
  }

  /** `id`: as the address names it; of another job nothing is known yet. */
  async ask(id: string): Promise<JobDetail> {
    if (this.#asked !== id) this.#have = this.#revision = null;
    this.#asked = id;
    const had = this.#have;
    const since = this.#now() - this.#wholeAt < wholeEvery ? this.#revision : null;
    const { revision, whole, job } = await this.#api.jobs.changes({ job: id, since });
    const merged = whole || had === null ? job : { ...job, tasks: merge(had.tasks, job.tasks) };
    this.#have = merged;
    if (whole) this.#wholeAt = this.#now();
    // A job that is held or let go changes what each of its tasks waits for.
    this.#revision = had !== null && had.state !== job.state && !whole ? null : revision;
    return merged;
  }
}

/** A job never gets other tasks than it began with. */
function merge(had: JobDetail['tasks'], fresh: JobDetail['tasks']): JobDetail['tasks'] {
  if (fresh.length === 0) return had;
  const changed = new Map(fresh.map((task) => [task.id, task]));
  return had.map((task) => changed.get(task.id) ?? task);
}
