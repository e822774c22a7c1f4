import { diaryWords } from '../../shared/words/diary-words.ts';
import { reasonWords } from '../../shared/words/reason-words.ts';
import { labJson } from '../core/worded.ts';
import { labPictures } from '../../shared/api/lab-feed.ts';
import type { LabView } from '../../shared/api/views.ts';
import { answer } from '../core/answer.ts';
import { cleanLines } from '../core/clean-text.ts';
import { count } from '../core/count.ts';
import { Interrupted, LinkBroken } from '../core/head-errors.ts';
import type { World } from '../core/ports.ts';
import { shorten } from '../core/table.ts';
import { jobsTable, machinesTable } from '../core/views.ts';
import { patiently, withHead } from '../core/with-head.ts';

/** The lab at a glance; redrawn until Ctrl-C where a person looks, once elsewhere. */
export async function top(world: World, json: boolean, once: boolean): Promise<number> {
  const { terminal } = world;
  if (once || json || !terminal.outIsTty) {
    const view = await withHead(world, ({ api }) => api.lab.view());
    answer(world, json, labJson(view), () => topLines(world, view, Infinity));
    return 0;
  }
  // The alternate screen, without a cursor; what stood on the terminal is back afterwards.
  await terminal.write('\u001b[?1049h\u001b[?25l');
  try {
    await patiently(world, async (head) => {
      try {
        const feed = await head.api.lab.watch(undefined, { signal: world.interrupted });
        for await (const view of labPictures(feed)) {
          await terminal.write(frame(world, view));
        }
      } catch (error) {
        if (!world.interrupted.aborted) throw error;
      }
      if (!world.interrupted.aborted) throw new LinkBroken('the stream ended');
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await terminal.write('\u001b[?25h\u001b[?1049l');
  }
  return 0;
}

/** Draws over the last frame line by line, so that nothing flickers. */
function frame(world: World, view: LabView): string {
  const { terminal } = world;
  const lines = topLines(world, view, terminal.rows() - 1).map((line) =>
    shorten(cleanLines(line), terminal.columns()),
  );
  return `\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`;
}

export function topLines(world: World, view: LabView, rows: number): readonly string[] {
  const { paint } = world.terminal;
  const here = view.machines.filter(({ state }) => state !== 'released' && state !== 'lost');
  const slots = here.reduce((sum, { cpu }) => sum + cpu, 0);
  const used = here.reduce((sum, { slotsUsed }) => sum + slotsUsed, 0);
  const open = view.jobs.filter(({ tasks }) => tasks.queued + tasks.running + tasks.suspended > 0);
  const head = [
    `${paint.strong(view.lab)}  night ${view.night}  ${count(here.length, 'PC')}, ${used} of ${count(slots, 'slot')} in use, ${count(open.length, 'open job')}`,
    '',
  ];
  const machines =
    view.machines.length === 0
      ? [paint.quiet('No PC has enrolled yet.')]
      : machinesTable(view.machines, paint);
  const inOrder = [...open, ...view.jobs.filter((job) => !open.includes(job)).toReversed()];
  const jobs =
    inOrder.length === 0 ? [paint.quiet('No jobs yet.')] : jobsTable(inOrder, world.now(), paint);
  const moves = view.moves.map(
    ({ task, from, to, because }) =>
      `${paint.busy('→')} ${task}  ${from} → ${to}  ${reasonWords(because)}`,
  );
  const diary = view.diary
    .slice(-5)
    .map((line) => paint[line.tone === 'plain' ? 'quiet' : line.tone](diaryWords(line)));
  const tail = [...(moves.length === 0 ? [] : ['', ...moves]), '', ...diary];
  const room = Math.max(4, rows - head.length - tail.length - 1);
  const machineRows = Math.min(
    machines.length,
    Math.max(2, room - Math.min(jobs.length, Math.floor(room / 2))),
  );
  return [
    ...head,
    ...machines.slice(0, machineRows),
    '',
    ...jobs.slice(0, Math.max(2, room - machineRows)),
    ...tail,
  ].slice(0, rows);
}
