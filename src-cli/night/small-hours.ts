import type { JobDetail } from '../../shared/api/views.ts';
import { startHead } from '../commands/start-head.ts';
import { Refused } from '../core/refused.ts';
import { until, withHead } from '../core/with-head.ts';
import { details, logOf, longTask, look, pcs, type Jobs, type Night } from './night.ts';

export async function moveLongTask({ world, story }: Night, jobs: Jobs): Promise<void> {
  await until(world, look, async (head) =>
    (await logOf(head, jobs.primes)).includes('below') ? true : undefined,
  );
  const moved = await until(world, look, async (head) => {
    const task = await longTask(head, jobs);
    if (task.migrations.some((migration) => migration.totalMs > 0)) return task;
    if (task.phase !== 'running' || !task.machine) return undefined;
    const target = (await head.api.machines.list()).find(
      (machine) => machine.state === 'ready' && machine.name !== task.machine,
    );
    if (target)
      await head.api.tasks.migrate({ task: task.id, machine: target.name }).catch(() => undefined);
    return undefined;
  });
  const move = moved.migrations.at(-1);
  story.tell(
    `The long program moved from ${move?.from ?? '?'} to ${move?.to ?? '?'} while it ran: it stood still for ${((move?.freezeMs ?? 0) / 1000).toFixed(2)} s.`,
  );
}

export async function pullPlug({ world, story }: Night, jobs: Jobs): Promise<void> {
  // Not before something is saved: a yanked plug may cost minutes, never a task that has a checkpoint.
  const victim = await until(world, look, async (head) => {
    const long = await longTask(head, jobs);
    const saved = new Set(
      (await details(head.api, jobs)).flatMap((job) =>
        job.tasks.filter((task) => task.savedAt !== null).map((task) => task.id),
      ),
    );
    const machine = (await head.api.machines.list()).find(
      (candidate) =>
        candidate.state === 'ready' &&
        candidate.name !== long.machine &&
        candidate.tasks.some((task) => saved.has(task)),
    );
    return machine?.name;
  });
  await withHead(world, ({ api }) => api.practice.unplug({ pc: victim }));
  story.tell(`Somebody pulled the plug of ${victim}; it said nothing.`);
  await until(world, look, async ({ api }) =>
    (await api.machines.list()).some(
      (machine) => machine.name === victim && machine.state === 'lost',
    )
      ? true
      : undefined,
  );
  story.tell(`The head declared ${victim} lost and gave its tasks to the others.`);
}

export async function killHead({ world, story, witness }: Night, jobs: Jobs): Promise<void> {
  const facts = await world.heads.running();
  if (!facts) throw new Refused('failed', 'the head is gone before it was killed');
  const before = await withHead(world, async ({ api }) =>
    runningAttempts(await details(api, jobs)),
  );
  witness.kill(facts.pid);
  story.tell(
    `The head (process ${facts.pid}) was killed with SIGKILL; ${before.size} tasks were running.`,
  );
  await startHead(world);
  const machines = await until(world, look, async ({ api }) => {
    const list = await api.machines.list();
    return list.filter((machine) => machine.state === 'ready').length >= pcs - 1 ? list : undefined;
  });
  const after = await withHead(world, async ({ api }) => details(api, jobs));
  const interrupted = [...before].filter(([id, attempt]) =>
    after.some((job) =>
      job.tasks.some(
        (task) => task.id === id && task.attempt !== attempt && task.migrations.length === 0,
      ),
    ),
  );
  story.tell(
    `It is back, ${machines.filter((machine) => machine.state === 'ready').length} PCs reconnected.`,
  );
  story.promise(
    interrupted.length === 0,
    'running tasks kept running while the head was dead',
    `${before.size} of them`,
  );
}

function runningAttempts(jobs: readonly JobDetail[]): Map<string, number> {
  return new Map(
    jobs.flatMap((job) =>
      job.tasks.filter((task) => task.phase === 'running').map((task) => [task.id, task.attempt]),
    ),
  );
}
