import { diaryWords } from '../../shared/words/diary-words.ts';
import { whyItWaits } from '../../shared/words/task-words.ts';
import type { LabView } from '../../shared/api/views.ts';
import { formatDuration, formatSize } from '../../shared/base/units.ts';
import { answer } from '../core/answer.ts';
import { taskCalled, taskIsOver } from '../core/follow-log.ts';
import type { Head, World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { untilView, withHead } from '../core/with-head.ts';

/** Blocks until the task runs at its new place, or says why it stayed. */
export async function migrateTask(
  world: World,
  json: boolean,
  task: string,
  machine: string,
  wait: boolean,
): Promise<number> {
  const { terminal } = world;
  const { begun, movesBefore } = await withHead(world, async (head) => {
    const before = await taskCalled(head, task);
    return {
      begun: await head.api.tasks.migrate({ task, machine }),
      movesBefore: before.migrations.length,
    };
  });
  if (begun.from === begun.to) {
    answer(world, json, begun, () => [`Task ${begun.task} runs on ${begun.to} already.`]);
    return 0;
  }
  if (!wait) {
    answer(world, json, begun, () => [
      `Task ${begun.task} is leaving ${begun.from} for ${begun.to}.`,
    ]);
    return 0;
  }
  terminal.progress(`Task ${begun.task} is moving from ${begun.from} to ${begun.to} …`);
  const move = await untilView(world, (view, head) => outcome(view, head, begun, movesBefore));
  const told = move.totalMs > 0 ? move : await measured(world, begun.task, movesBefore);
  terminal.progress(null);
  answer(world, json, { ...begun, ...(told ?? {}) }, () => [
    told === null
      ? `Task ${begun.task} runs on ${begun.to}; ${begun.from} has not said how long it took.`
      : `Task ${begun.task} runs on ${begun.to}: frozen for ${formatDuration(told.freezeMs)}, ` +
        `${formatSize(told.bytes)} moved in ${formatDuration(told.totalMs)}.`,
  ]);
  return 0;
}

/** The source alone knows how long it took, and says so after the target has said that it runs; it may be gone by then. */
async function measured(world: World, task: string, movesBefore: number): Promise<Moved | null> {
  const until = world.now() + 5000;
  for (let looks = 0; looks < 50 && world.now() < until && !world.interrupted.aborted; looks += 1) {
    await world.wait(100);
    const move = await withHead(world, async (head) =>
      (await taskCalled(head, task)).migrations.at(movesBefore),
    );
    if (move !== undefined && move.totalMs > 0) return move;
  }
  return null;
}

interface Begun {
  readonly task: string;
  readonly from: string;
  readonly to: string;
}
interface Moved {
  readonly bytes: number;
  readonly freezeMs: number;
  readonly totalMs: number;
}

/** Undefined while it is on its way. */
async function outcome(
  { moves, diary }: LabView,
  head: Head,
  begun: Begun,
  movesBefore: number,
): Promise<Moved | undefined> {
  if (moves.some(({ task }) => task === begun.task)) return undefined;
  const now = await taskCalled(head, begun.task);
  const done = now.migrations.slice(movesBefore).find(({ to }) => to === begun.to);
  if (done) return { bytes: done.bytes, freezeMs: done.freezeMs, totalMs: done.totalMs };
  if (taskIsOver(now)) {
    throw new Refused(
      'failed',
      `task ${begun.task} ended (${now.state}) before it could move to ${begun.to}.`,
    );
  }
  const failed = diary.findLast(
    ({ code, facts }) =>
      code === 'task-move-failed' && facts.task === begun.task && facts.pc === begun.to,
  );
  const why = failed && diaryWords(failed);
  const waits = whyItWaits(now);
  // The head's own sentence says all of it: that it did not move, where it is, and why.
  if (why !== undefined && now.machine !== null) throw new Refused('failed', why);
  throw new Refused(
    'failed',
    `task ${begun.task} did not move to ${begun.to}; ` +
      (now.machine === null
        ? `it is ${now.state} now${waits === null ? '' : ` (${waits})`}.`
        : `it goes on running on ${now.machine}.`) +
      (why === undefined ? '' : ` The head says: ${why}`),
  );
}
