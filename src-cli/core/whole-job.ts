import { wholeJob, type WholeJob } from '../../shared/api/whole-job.ts';
import type { Head } from './ports.ts';

type Outputs = Awaited<ReturnType<Head['api']['jobs']['outputs']>>;

/** A job with all its tasks, however many parts the head tells them in. */
export async function jobCalled({ api }: Pick<Head, 'api'>, job: string): Promise<WholeJob> {
  return wholeJob(await api.jobs.get({ job }), (from) => api.jobs.get({ job, from }));
}

/** What all its tasks left. */
export async function outputsOf({ api }: Pick<Head, 'api'>, job: string): Promise<Outputs> {
  const found: Outputs = [];
  for (let from = 0; ;) {
    const part = await api.jobs.outputs({ job, from });
    for (const one of part) if (one.index >= from) found.push(one);
    const last = part.at(-1)?.index ?? -1;
    if (last < from) return found;
    from = last + 1;
  }
}
