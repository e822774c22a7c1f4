import type { Witness } from '../ports/practice-witness.ts';
import { startHead } from '../commands/start-head.ts';
import { abandonPractice } from '../commands/stop-head.ts';
import { Interrupted } from '../core/head-errors.ts';
import { insistOnRoot } from '../core/insist-on-root.ts';
import type { World } from '../core/ports.ts';
import { bringUp, submitAll } from './evening.ts';
import { judge } from './judge.ts';
import { releaseAll, tellReport } from './morning.ts';
import { finish } from './next-night.ts';
import type { Night } from './night.ts';
import { killHead, moveLongTask, pullPlug } from './small-hours.ts';
import { Story } from './story.ts';

/**
 * One whole night in a practice lab of three PCs, with everything that goes wrong in real ones. Exit code 0 only if
 * every promise held, each checked from outside.
 */
export async function playNight(world: World, witness: Witness, keep: boolean): Promise<number> {
  const night: Night = { world, witness, keep, story: new Story(world) };
  const { story } = night;
  world.terminal.out(
    'A practice night: three PCs on this machine, one night, one morning, and the next night.',
  );
  insistOnRoot(world, 'scripts/start.mjs', '--practice');
  world.endsInItsOwnTime();
  try {
    await startHead(world);
    witness.watchTasks();
    story.chapter('Evening');
    await bringUp(night, 1);
    const mark = await witness.systemMark();
    const jobs = await submitAll(night);
    story.chapter('Night');
    await moveLongTask(night, jobs);
    await pullPlug(night, jobs);
    await killHead(night, jobs);
    story.chapter('Morning');
    await releaseAll(night, jobs);
    await tellReport(night, 'the first night');
    story.chapter('The next night');
    await bringUp(night, 2);
    await finish(night, jobs);
    story.chapter('Promises');
    await judge(night, jobs, mark);
    await tellReport(night, 'the second night');
  } catch (error) {
    if (error instanceof Interrupted) {
      story.tell('Interrupted: the PCs and the head of this night are ended.');
      await close({ ...night, keep: false });
      throw error;
    }
    story.promise(
      false,
      'the night goes through',
      error instanceof Error ? error.message : String(error),
    );
  }
  const { kept, broken } = story.outcome();
  world.terminal.out('');
  if (broken.length === 0)
    world.terminal.out(
      world.terminal.paint.good(`All ${kept} promises held, in ${story.elapsed()}.`),
    );
  else
    world.terminal.out(
      world.terminal.paint.bad(
        `${broken.length} of ${kept + broken.length} promises did not hold. Everything is left in ${world.heads.home} to look at.`,
      ),
    );
  await close(night);
  return broken.length === 0 ? 0 : 1;
}

async function close({ world, keep }: Night): Promise<void> {
  if (keep) {
    const facts = await world.heads.running();
    world.terminal.out(
      `The lab is left open: NIGHTSHIFT_HOME=${world.heads.home}${facts?.browserUrl && world.terminal.outIsTty ? `, ${facts.browserUrl}` : ''}`,
    );
    world.terminal.out(
      `Close it with: NIGHTSHIFT_HOME=${world.heads.home} npx nightshift practice down`,
    );
    return;
  }
  await abandonPractice(world);
}
