import { Interrupted } from '../core/head-errors.ts';
import { patiently } from '../core/with-head.ts';
import { look, type Jobs, type Night } from './night.ts';

export async function finish({ world, story }: Night, jobs: Jobs): Promise<void> {
  const ids = [jobs.archives, jobs.calibrate, jobs.primes];
  await patiently(world, async ({ api }) => {
    for (;;) {
      const list = (await api.jobs.list()).filter((job) => ids.includes(job.id));
      const open = list.filter((job) => !['done', 'failed', 'cancelled'].includes(job.state));
      const done = list.reduce((sum, job) => sum + job.tasks.done, 0);
      const all = list.reduce(
        (sum, job) => sum + Object.values(job.tasks).reduce((count, of) => count + of, 0),
        0,
      );
      if (open.length === 0) return;
      world.terminal.progress(`${done} of ${all} tasks are done`);
      if (world.interrupted.aborted) throw new Interrupted();
      await world.wait(look);
    }
  });
  story.tell('Everything has finished.');
}
