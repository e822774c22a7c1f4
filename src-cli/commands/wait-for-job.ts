import { waitingWords } from '../../shared/words/waiting-words.ts';
import { Interrupted } from '../core/head-errors.ts';
import type { JobView } from '../../shared/api/views.ts';
import { answer } from '../core/answer.ts';
import type { Head, World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { countsText, jobLines } from '../core/views.ts';
import { jobCalled } from '../core/whole-job.ts';
import { patiently, withHead } from '../core/with-head.ts';

/** Looks often at first, for short jobs, then every second. */
const soonest = 100;
const latest = 1000;

/** Blocks until every task is over; exit code 1 unless all are done. */
export async function waitForJob(world: World, json: boolean, id: string): Promise<number> {
  const { terminal } = world;
  let every = soonest;
  const end = await patiently(world, async (head) => {
    for (;;) {
      const job = await jobInList(head, id);
      const { queued, running, suspended } = job.tasks;
      if (queued + running + suspended === 0) return job;
      if (job.neverStarts !== undefined && running === 0) {
        terminal.progress(null);
        throw new Refused('failed', `job ${id}: ${waitingWords(job.neverStarts)}.`);
      }
      terminal.progress(`Job ${id}: ${countsText(job.tasks)}`);
      if (world.interrupted.aborted) {
        terminal.progress(null);
        terminal.say(`Job ${id} goes on without you; see it with nightshift job ${id}.`);
        throw new Interrupted();
      }
      await world.wait(every);
      every = Math.min(latest, every * 1.2);
    }
  });
  terminal.progress(null);
  const allDone = end.tasks.failed + end.tasks.cancelled === 0;
  const detail = json || !allDone ? await withHead(world, (head) => jobCalled(head, id)) : null;
  answer(world, json, detail, () =>
    detail === null
      ? [`Job ${id} is done: ${countsText(end.tasks)}.`]
      : jobLines(detail, world.now(), terminal.paint),
  );
  return allDone ? 0 : 1;
}

async function jobInList({ api }: Head, id: string): Promise<JobView> {
  const job = (await api.jobs.list()).find((view) => view.id === id);
  if (job === undefined) throw new Refused('not-found', `there is no job ${id} any more.`);
  return job;
}
