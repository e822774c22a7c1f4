import { millis, minutes, seconds, type Millis } from '../../../shared/base/units.ts';
import { linkClosings } from '../../../shared/wire/link-closings.ts';
import type { Trouble } from './enrolment-state.ts';

/**
 * How long to leave the head alone after the `failures`-th failure in a row. A head that restarts is back within
 * seconds, so tries begin at 0.2 s and settle at 3 s; half of each wait is chance, so that a thousand PCs
 * that lost the same head do not return in the same instant. What a person has to put right is tried at leisure.
 */
export function waitAfter(cause: Trouble['cause'], failures: number, chance: number): Millis {
  const jitter = 0.5 + chance / 2;
  const growing = (first: number, most: number): Millis =>
    millis(Math.min(most, first * 2 ** Math.min(failures - 1, 20)) * jitter);
  switch (cause.why) {
    case 'refused':
      return cause.refusal.code === 'stale-challenge' || cause.refusal.code === 'not-now'
        ? growing(seconds(0.2), seconds(3))
        : growing(seconds(10), minutes(1));
    case 'waiting':
      // Somebody stands before it; after a while perhaps nobody does.
      return failures <= 60 ? growing(seconds(2), seconds(2)) : growing(seconds(10), seconds(10));
    case 'no-token':
      return minutes(1);
    case 'wrong-key':
      return growing(seconds(5), minutes(1));
    case 'closed':
      return cause.code === linkClosings.refused || cause.code === linkClosings.replaced
        ? growing(seconds(10), minutes(1))
        : growing(seconds(0.2), seconds(3));
    case 'unreachable':
    case 'certificate-refused':
      return growing(seconds(0.2), seconds(3));
  }
}
