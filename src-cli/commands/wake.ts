import { answer, listed } from '../core/answer.ts';
import { count } from '../core/count.ts';
import type { World } from '../core/ports.ts';
import { withHead } from '../core/with-head.ts';

/** The calls go out one after the other; whether PCs come is seen when they enrol. */
export async function wakeMachines(
  world: World,
  json: boolean,
  names: readonly string[] | 'all',
): Promise<number> {
  const woken = await withHead(world, ({ api }) =>
    api.machines.wake({ machines: names === 'all' ? 'all' : [...names] }),
  );
  answer(world, json, woken, () => [
    woken.machines.length > 5
      ? `${count(woken.machines.length, 'PC')} are being called awake, one after the other.`
      : `${listed(woken.machines)} ${woken.machines.length === 1 ? 'is' : 'are'} being called awake.`,
    'A PC that stays off has Wake-on-LAN switched off in its firmware, or was unplugged.',
  ]);
  return 0;
}
