import { randomBytes, randomInt } from 'node:crypto';
import { epochMillis, monotonicMillis, type EpochMillis, type Millis } from '../base/units.ts';
import type { Clock, Disposable } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';

/** setTimeout fires at once when it is asked for more than 2³¹ − 1 ms, and at times a little early. */
const clamp = (delay: number): number => Math.min(Math.max(delay, 0), 2 ** 31 - 1);

export function systemClock(): Clock {
  return {
    now: () => monotonicMillis(performance.now()),
    wall: () => epochMillis(Date.now()),
    after: (_name: string, delay: Millis, action: () => void): Disposable => {
      if (delay <= 0) return soon(action);
      const due = performance.now() + delay;
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const left = Math.ceil(due - performance.now());
        timer = setTimeout(() => (performance.now() < due ? arm() : action()), clamp(left));
      };
      arm();
      return { dispose: () => clearTimeout(timer) };
    },
  };
}

/** After whatever has arrived by now, and before the system is asked for more: a timer would take a millisecond and wake up for it. */
function soon(action: () => void): Disposable {
  const immediate = setImmediate(action);
  return { dispose: () => clearImmediate(immediate) };
}

export function systemRng(): Rng {
  return {
    next: () => randomInt(2 ** 47) / 2 ** 47,
    token: (bytes) => randomBytes(bytes).toString('hex'),
  };
}

/** `07:30` in this machine's time zone. */
export const timeOfDay = (at: EpochMillis): string => new Date(at).toTimeString().slice(0, 5);
