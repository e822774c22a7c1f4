import {
  epochMillis,
  monotonicMillis,
  type EpochMillis,
  type Millis,
  type MonotonicMillis,
} from '../../shared/base/units.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
  readonly name: string;
}

/** Time that passes only when told to. Actions run in the order they are due, then in the order they were asked for. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #wallAhead = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): MonotonicMillis {
    return monotonicMillis(this.#now);
  }

  wall(): EpochMillis {
    return epochMillis(1_790_000_000_000 + this.#wallAhead + this.#now);
  }

  /** Somebody, or NTP, sets the wall clock. */
  jumpWall(by: number): void {
    this.#wallAhead += by;
  }

  after(name: string, delay: Millis, action: () => void): Disposable {
    const timer: Timer = {
      at: this.#now + Math.max(0, delay),
      order: (this.#order += 1),
      action,
      name,
    };
    this.#timers.add(timer);
    return { dispose: () => void this.#timers.delete(timer) };
  }

  advance(span: number): void {
    const until = this.#now + span;
    for (;;) {
      let next: Timer | undefined;
      for (const timer of this.#timers)
        if (
          timer.at <= until &&
          (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        )
          next = timer;
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = until;
  }

  /** When the next action is due, if any. */
  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { at } of this.#timers) if (next === undefined || at < next) next = at;
    return next;
  }

  /** Names of what is still to come, to find listeners that leaked. */
  pending(): string[] {
    return [...this.#timers].map((timer) => timer.name);
  }
}
