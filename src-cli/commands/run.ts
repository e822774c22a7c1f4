import { Interrupted } from '../core/head-errors.ts';
import { followLog, taskCalled, taskIsOver } from '../core/follow-log.ts';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import type { SubmitOptions } from '../core/submit-wishes.ts';
import { until, withHead } from '../core/with-head.ts';
import { submitJob, type Typed } from './submit.ts';

/**
 * One program on the best member as if it ran here: its output comes here, its exit code is ours. What it was (id, state)
 * goes to stdout with --json, and its output to stderr then.
 */
export async function run(
  world: World,
  json: boolean,
  typed: Typed,
  options: SubmitOptions,
): Promise<number> {
  const { terminal } = world;
  const { id, warnings } = await submitJob(world, typed, options);
  for (const warning of warnings) terminal.say(`nightshift: ${warning}`);
  const waiting = tellWhyItWaits(world, id);
  try {
    await followLog(world, id, true, async (text) => {
      waiting.began();
      if (json) terminal.say(text.replace(/\n$/, ''));
      else await terminal.write(text);
    });
  } catch (error) {
    if (error instanceof Interrupted) {
      terminal.say(
        `Job ${id} goes on without you; see it with nightshift logs ${id} -f, or end it with nightshift cancel ${id}.`,
      );
    }
    throw error;
  } finally {
    waiting.began();
  }
  const task = await until(world, 100, async (head) => {
    const now = await taskCalled(head, id);
    return taskIsOver(now) ? now : undefined;
  });
  if (json) terminal.out(JSON.stringify({ ...task, id, task: task.id }));
  else if (task.state !== 'done' && (task.exitCode === null || task.exitCode === 0)) {
    throw new Refused(
      'failed',
      `job ${id} ${task.state}: ${task.reason ?? 'the head knows no reason'}`,
    );
  }
  return task.exitCode ?? (task.state === 'done' ? 0 : 1);
}

/** A program that has not begun after a moment waits for something, and whoever looks at an empty line shall know what. */
function tellWhyItWaits(world: World, task: string): { began(): void } {
  const over = new AbortController();
  let told = '';
  void (async () => {
    for (;;) {
      await world.wait(2000, over.signal);
      if (over.signal.aborted || world.interrupted.aborted) return;
      // What goes wrong here is told by whoever follows the output.
      const now = await withHead(world, (head) => taskCalled(head, task)).catch(() => undefined);
      const why = now?.waitingBecause ?? null;
      if (over.signal.aborted || why === null || why === told) continue;
      told = why;
      world.terminal.say(`Job ${task} waits: ${why}`);
    }
  })();
  return { began: () => over.abort() };
}
