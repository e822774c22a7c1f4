import { bytesOfBase64 } from './base64.ts';
import type { TaskView } from '../../shared/api/views.ts';
import { Interrupted, LinkBroken } from './head-errors.ts';
import type { Head, World } from './ports.ts';
import { Refused } from './refused.ts';
import { patiently } from './with-head.ts';

const over: readonly string[] = ['done', 'failed', 'cancelled'];
export const taskIsOver = ({ state }: Pick<TaskView, 'state'>): boolean => over.includes(state);

/**
 * Hands on a task's output piece by piece, byte for byte. Every stream begins at the first byte, so after a broken link, or when
 * a head ended the stream before the task was over, what was handed on before is skipped. A program that began again from
 * zero is said to, and its output is handed on from the first byte, since it need not be the same as before.
 */
export async function followLog(
  world: World,
  task: string,
  follow: boolean,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  let had = 0;
  let known: number | null = null;
  await patiently(world, async (head) => {
    for (;;) {
      let seen = 0;
      const pieces = await head.api.jobs.logs(
        { task, follow, bytes: true },
        { signal: world.interrupted },
      );
      try {
        for await (const { base64 = '', restarts } of pieces) {
          const bytes = bytesOfBase64(base64);
          if (known !== null && restarts > known) {
            had = seen = 0;
            world.terminal.say(
              `nightshift: the program of ${task} had to begin again from zero, and so does its output.`,
            );
          }
          known = restarts;
          const until = seen + bytes.length;
          if (until > had) {
            await take(bytes.subarray(Math.max(0, had - seen)));
            had = until;
          }
          seen = until;
        }
      } catch (error) {
        if (world.interrupted.aborted) throw new Interrupted();
        // A head that is stopped in good order tells its readers so before it closes their links.
        if (follow && error instanceof Error && error.message.includes('the head is stopping')) {
          throw new LinkBroken('the head is stopping', { cause: error });
        }
        throw error;
      }
      if (world.interrupted.aborted) throw new Interrupted();
      if (!head.alive()) throw new LinkBroken('the stream ended with the link');
      if (!follow || taskIsOver(await taskCalled(head, task))) return;
      await world.wait(300);
    }
  });
}

/** `12.3`, `name.3`, or a job that has one task. */
export async function taskCalled(head: Head, text: string): Promise<TaskView> {
  const dotted = /^(.+)\.(\d+)$/.exec(text);
  const job = await head.api.jobs.get({
    job: dotted?.[1] ?? text,
    task: dotted ? Number(dotted[2]) : null,
  });
  const count = Object.values(job.counts).reduce((sum, number) => sum + number, 0);
  const found = dotted || count === 1 ? job.tasks[0] : undefined;
  if (found) return found;
  const first = job.tasks[0]?.id ?? `${job.id}.0`;
  throw dotted
    ? new Refused(
        'not-found',
        `job ${job.id} has no task ${dotted[2]}; nightshift job ${job.id} lists its tasks.`,
      )
    : new Refused('misuse', `job ${job.id} has ${count} tasks; name one, such as ${first}.`);
}
