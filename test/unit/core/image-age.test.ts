import { refuse } from '../../../shared/base/result.ts';
import { expect, test } from 'vitest';
import { epochMillis, hours } from '../../../shared/base/units.ts';
import { isRenewalDue, type ImageAge } from '../../../src-main/core/boot-image/image-age.ts';
import { keepImagesFresh } from '../../../src-main/shells/image-renewal.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';

const day = hours(24);
const at = (days: number) => epochMillis(1e12 + days * day);
const image: ImageAge = { packagesAt: at(0), madeAt: at(0) };

test.each([
  ['of yesterday', image, at(1), null, true, false],
  ['a week old', image, at(7), null, true, true],
  ['a week old while PCs are in the lab', image, at(7), null, false, false],
  ['whose build failed an hour ago', image, at(7.5), at(7.46), true, false],
  ['whose build failed yesterday', image, at(8.1), at(7), true, true],
  [
    'that was made anew of old packages',
    { packagesAt: at(0), madeAt: at(6) },
    at(7),
    null,
    true,
    true,
  ],
  ['of unknown packages, a week old', { packagesAt: null, madeAt: at(0) }, at(7), null, true, true],
  ['that there is none of', undefined, at(99), null, true, false],
] as const)('a member system %s', (_what, newest, now, triedAt, isQuiet, due) => {
  expect(isRenewalDue(newest, { now, triedAt, isQuiet })).toBe(due);
});

test('a lab that is left alone for a month has been given four, and a failure costs a day', async () => {
  const clock = new ManualClock();
  const builds: number[] = [];
  let packagesAt = clock.wall();
  const started = packagesAt;
  const fresh = keepImagesFresh({
    clock,
    newest: () => ({ packagesAt, madeAt: packagesAt }),
    isQuiet: () => true,
    build: () => {
      builds.push(Math.round((clock.wall() - started) / day));
      if (builds.length === 2)
        return Promise.resolve(refuse('failed', 'the mirror does not answer.'));
      packagesAt = clock.wall();
      return Promise.resolve({ ok: true, value: null });
    },
    log: () => undefined,
  });
  for (let hour = 0; hour < 30 * 24; hour += 1) {
    clock.advance(hours(1));
    for (let turns = 0; turns < 8; turns += 1) await Promise.resolve();
  }
  expect(builds).toEqual([7, 14, 15, 22, 29]);
  fresh.dispose();
});
