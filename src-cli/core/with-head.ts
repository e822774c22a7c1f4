import { labPictures } from '../../shared/api/lab-feed.ts';
import type { LabView } from '../../shared/api/views.ts';
import { formatDuration } from '../../shared/base/units.ts';
import { explainCallError, Interrupted, LinkBroken } from './head-errors.ts';
import type { Head, World } from './ports.ts';
import { must, Refused } from './refused.ts';

/** One question or command: connects, does the work, closes. */
export async function withHead<Value>(
  world: World,
  work: (head: Head) => Promise<Value>,
): Promise<Value> {
  const head = must(await world.heads.connect());
  try {
    return await work(head);
  } catch (error) {
    const meaning = explainCallError(error, head.alive());
    if (!(meaning instanceof LinkBroken)) throw meaning;
    throw new Refused(
      'failed',
      'the head went away before it answered; when it runs again, see with `nightshift jobs` what was done.',
    );
  } finally {
    head.close();
  }
}

/** A head that is started again is back well within this. */
const patience = 2 * 60_000;
const retryEvery = 500;

/**
 * Work that may last all night and has to outlive a restart of the head: when the link breaks, connects again and
 * does the work again. The work has to be one that may be begun anew. The first connection must succeed.
 */
export async function patiently<Value>(
  world: World,
  work: (head: Head) => Promise<Value>,
): Promise<Value> {
  let head = must(await world.heads.connect());
  for (;;) {
    try {
      return await work(head);
    } catch (error) {
      const meaning = explainCallError(error, head.alive());
      if (!(meaning instanceof LinkBroken)) throw meaning;
    } finally {
      head.close();
    }
    head = await connectAgain(world);
  }
}

async function connectAgain(world: World): Promise<Head> {
  const { terminal, heads } = world;
  const began = world.now();
  terminal.progress(null);
  terminal.say(
    `The head does not answer; waiting for it to come back, for ${formatDuration(patience)} at most.`,
  );
  for (;;) {
    const connected = await heads.connect();
    if (connected.ok) {
      terminal.say(`The head is back after ${formatDuration(world.now() - began)}.`);
      return connected.value;
    }
    if (world.now() - began > patience) {
      throw new Refused(
        'failed',
        `the head has not come back for ${formatDuration(patience)}; start it with npm start and give this command again.`,
      );
    }
    if (world.interrupted.aborted) throw new Interrupted();
    await world.wait(retryEvery);
  }
}

/** Looks at the lab whenever it has changed until `look` has an answer; survives restarts of the head. */
export async function untilView<Value>(
  world: World,
  look: (view: LabView, head: Head) => Promise<Value | undefined>,
): Promise<Value> {
  return patiently(world, async (head) => {
    try {
      const feed = await head.api.lab.watch(undefined, { signal: world.interrupted });
      for await (const view of labPictures(feed)) {
        const found = await look(view, head);
        if (found !== undefined) return found;
      }
    } catch (error) {
      if (!world.interrupted.aborted) throw error;
    }
    if (world.interrupted.aborted) throw new Interrupted();
    throw new LinkBroken('the stream ended');
  });
}

/** Looks every so often until `look` has an answer; survives restarts of the head. */
export async function until<Value>(
  world: World,
  every: number,
  look: (head: Head) => Promise<Value | undefined>,
): Promise<Value> {
  return patiently(world, async (head) => {
    for (;;) {
      const found = await look(head);
      if (found !== undefined) return found;
      if (world.interrupted.aborted) throw new Interrupted();
      await world.wait(every);
    }
  });
}
