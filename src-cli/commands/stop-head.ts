import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { withHead } from '../core/with-head.ts';

const patience = 30_000;

/** Stops the head that runs for this home and waits until its process is gone. */
export async function stopHead(world: World): Promise<void> {
  const pid = (await world.heads.running())?.pid;
  try {
    await withHead(world, ({ api }) => api.lab.shutdown());
  } catch (error) {
    // It may close the link before its answer is through; whether it runs is looked at next.
    if (!(error instanceof Refused) || error.kind !== 'failed') throw error;
  }
  const began = world.now();
  while (pid !== undefined && world.heads.lives(pid)) {
    if (world.now() - began > patience) {
      throw new Refused(
        'failed',
        'the head has not stopped within 30 s; its log head.log says what it is doing.',
      );
    }
    await world.wait(50);
  }
}

/** Ends a practice lab as well as it goes, for whoever has something worse to tell. */
export async function abandonPractice(world: World): Promise<void> {
  await withHead(world, ({ api }) => api.practice.down()).catch(() => undefined);
  await stopHead(world).catch(() => undefined);
}
