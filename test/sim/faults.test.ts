import { expect, test } from 'vitest';
import { playNight } from './fault-nights.ts';

/** `npm run simulate:faults -- --seeds 1 --from SEED` replays one night; see test/README.md. */
const first = 20_261_121;

test('in 300 nights of random faults no task is lost, none runs twice at the same time, and the log tells the whole lab', async () => {
  for (let seed = first; seed < first + 300; seed += 1) {
    const { faults, story } = await playNight(seed, false);
    expect(faults, `seed ${seed}: ${story.join(' ')}`).toEqual([]);
  }
}, 3_600_000);
