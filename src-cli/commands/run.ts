import { taskReasonWords, whyItWaits } from '../../shared/words/task-words.ts';
import { taskJson } from '../core/worded.ts';
import { jsonLine } from '../core/answer.ts';
import { Interrupted } from '../core/head-errors.ts';
import { followLog, taskCalled, taskIsOver } from '../core/follow-log.ts';
import type { World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import type { SubmitOptions } from '../core/submit-wishes.ts';
import { until, withHead } from '../core/with-head.ts';
import { submitJob, type Typed } from './submit.ts';

/** Where a program's standard input stands in its directory; the member opens what the variable names. */
const inputName = '.standard-input';

/**
 * One program on the best member as if it ran here: its output comes here byte for byte, its exit code is ours, and it
 * finds what stands on our standard input on its own. What it was (id, state) goes to stdout with --json, and its output
 * to stderr then.
 */
export async function run(
  world: World,
  json: boolean,
  typed: Typed,
  options: SubmitOptions & { readonly stdin?: boolean },
): Promise<number> {
  const { terminal } = world;
  const given = must(await world.standardInput(options.stdin === true));
  if (given === 'silent')
    terminal.say(
      'nightshift: nothing comes on standard input, so the program starts without; --stdin waits for its end.',
    );
  const { id, warnings } = await submitJob(
    world,
    typed,
    options,
    given === null || given === 'silent' ? null : { from: given.path, to: inputName },
  );
  for (const warning of warnings) terminal.say(`nightshift: ${warning}`);
  const waiting = tellWhyItWaits(world, id);
  try {
    const text = new TextDecoder('utf-8');
    await followLog(world, id, true, async (bytes) => {
      waiting.began();
      if (json) terminal.say(text.decode(bytes, { stream: true }).replace(/\n$/, ''));
      else await terminal.program(bytes, false);
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
  if (json) terminal.out(jsonLine({ ...taskJson(task), id, task: task.id }));
  else if (task.state !== 'done' && (task.exitCode === null || task.exitCode === 0)) {
    throw new Refused(
      'failed',
      `job ${id} ${task.state}: ${task.reason ? taskReasonWords(task.reason) : 'the head knows no reason'}`,
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
      const why = now ? whyItWaits(now) : null;
      if (over.signal.aborted || why === null || why === told) continue;
      told = why;
      world.terminal.say(`Job ${task} waits: ${why}`);
    }
  })();
  return { began: () => over.abort() };
}
