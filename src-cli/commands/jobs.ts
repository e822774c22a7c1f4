import { jobJson, wholeJobJson } from '../core/worded.ts';
import { parseTaskId } from '../../shared/domain/ids.ts';
import { formatDuration, hours, parseDuration } from '../../shared/base/units.ts';
import { answer, listed } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import { jobLines, jobsTable } from '../core/views.ts';
import { jobCalled } from '../core/whole-job.ts';
import { withHead } from '../core/with-head.ts';

export async function showJobs(world: World, json: boolean): Promise<number> {
  const jobs = await withHead(world, ({ api }) => api.jobs.list());
  answer(world, json, jobs.map(jobJson), () =>
    jobs.length === 0
      ? ['No jobs yet; submit one with nightshift submit -- COMMAND.']
      : jobsTable(jobs, world.now(), world.terminal.paint),
  );
  return 0;
}

/** A job, or with `12.3` the job with that one task. */
export async function showJob(world: World, json: boolean, text: string): Promise<number> {
  const wanted = parseTaskId(text);
  const job = await withHead(world, (head) =>
    wanted ? head.api.jobs.get({ job: wanted.job, task: wanted.index }) : jobCalled(head, text),
  );
  if (job.tasks.length === 0) {
    throw new Refused(
      'not-found',
      `job ${job.id} has no task ${wanted?.index}; nightshift job ${job.id} lists its tasks.`,
    );
  }
  answer(world, json, wholeJobJson(job), () => jobLines(job, world.now(), world.terminal.paint));
  return 0;
}

const said = {
  cancel: (id: string) => `Job ${id} is cancelled.`,
  hold: (id: string) =>
    `Job ${id} is held; what ran is saved and goes on with nightshift resume ${id}.`,
  resume: (id: string) => `Job ${id} goes on.`,
} as const;

/** Jobs that are over leave the lab, with what they left on the head's disk. */
export async function removeJobs(
  world: World,
  json: boolean,
  jobs: readonly string[],
): Promise<number> {
  const done = await withHead(world, ({ api }) => api.jobs.remove({ jobs: [...jobs] }));
  const one = done.ids.length === 1;
  answer(world, json, done, () => [
    `${one ? 'Job' : 'Jobs'} ${listed(done.ids)} ${one ? 'is' : 'are'} removed; results and logs leave the head's disk within minutes.`,
  ]);
  return 0;
}

export async function keepJobsFor(
  world: World,
  json: boolean,
  time: string | undefined,
): Promise<number> {
  const wanted = time === undefined ? null : must(parseDuration(time));
  if (wanted !== null && wanted < hours(1)) {
    throw new Refused('misuse', 'jobs are kept for an hour at least; say 90d or 12h, for example.');
  }
  const { keepFor } = await withHead(world, ({ api }) => api.jobs.keepFor({ keepFor: wanted }));
  answer(world, json, { keepFor }, () => [
    `Jobs that are over are kept for ${daysText(keepFor)}, then they are removed with their results.`,
  ]);
  return 0;
}

const daysText = (span: number): string =>
  span >= 2 * oneDay && span % oneDay === 0 ? `${span / oneDay} days` : formatDuration(span);
const oneDay = 24 * hours(1);

const orderedText = { cancel: 'cancelled', hold: 'held', resume: 'resumed' } as const;

export async function orderJob(
  world: World,
  json: boolean,
  job: string,
  order: 'cancel' | 'hold' | 'resume',
): Promise<number> {
  const done = await withHead(world, ({ api }) => api.jobs[order]({ job })).catch(
    (error: unknown) => {
      const array = /^(.+)\.\d+$/.exec(job)?.[1];
      if (array === undefined || !(error instanceof Refused) || error.kind !== 'not-found')
        throw error;
      throw new Refused(
        'not-found',
        `tasks of an array are ${orderedText[order]} with their job: nightshift ${order} ${array}.`,
      );
    },
  );
  answer(world, json, done, () => [said[order](done.id)]);
  return 0;
}
