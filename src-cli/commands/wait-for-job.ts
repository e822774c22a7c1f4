import { waitingWords } from '../../shared/words/waiting-words.ts';
import { Interrupted, LinkBroken } from '../core/head-errors.ts';
import { answer } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { countsText, jobLines } from '../core/views.ts';
import { jobCalled } from '../core/whole-job.ts';
import { patiently, withHead } from '../core/with-head.ts';

/** Blocks until every task is over; exit code 1 unless all are done. */
export async function waitForJob(world: World, json: boolean, id: string): Promise<number> {
  const { terminal } = world;
  const end = await patiently(world, async (head) => {
    try {
      const rows = await head.api.jobs.watch({ job: id }, { signal: world.interrupted });
      for await (const job of rows) {
        const { queued, running, suspended } = job.tasks;
        if (queued + running + suspended === 0) return job;
        if (job.neverStarts !== undefined && running === 0) {
          terminal.progress(null);
          throw new Refused('failed', `job ${id}: ${waitingWords(job.neverStarts)}.`);
        }
        terminal.progress(`Job ${id}: ${countsText(job.tasks)}`);
      }
    } catch (error) {
      if (!world.interrupted.aborted) throw error;
    }
    if (!world.interrupted.aborted) throw new LinkBroken('the stream ended');
    terminal.progress(null);
    terminal.say(`Job ${id} goes on without you; see it with nightshift job ${id}.`);
    throw new Interrupted();
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
