import {
  epochMillis,
  monotonicMillis,
  type EpochMillis,
  type Millis,
  type MonotonicMillis,
} from '../shared/base/units.ts';
import type { Clock, Disposable } from '../shared/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
  readonly name: string;
  /** It has run, or was taken back. */
  over: boolean;
}

/** Time that passes only when told to. Actions run in the order they are due, then in the order they were asked for. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #wall: number;
  #order = 0;
  readonly #due = new DueTimers();

  /** `wall`: what the clock on the wall shows. */
  constructor(wall = 1_790_001_000_000) {
    this.#wall = wall - this.#now;
  }

  now(): MonotonicMillis {
    return monotonicMillis(this.#now);
  }

  wall(): EpochMillis {
    return epochMillis(this.#wall + this.#now);
  }

  /** Somebody, or NTP, sets the wall clock. */
  jumpWall(by: number): void {
    this.#wall += by;
  }

  after(name: string, delay: Millis, action: () => void): Disposable {
    this.#order += 1;
    const timer: Timer = {
      ...{ at: this.#now + Math.max(0, delay), order: this.#order, action, name, over: false },
    };
    this.#due.add(timer);
    return { dispose: () => void (timer.over = true) };
  }

  advance(span: number): void {
    const until = this.#now + span;
    for (;;) {
      const next = this.#due.first();
      if (!next || next.at > until) break;
      next.over = true;
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = until;
  }

  /** When the next action is due, if any. */
  nextDue(): number | undefined {
    return this.#due.first()?.at;
  }

  /** Names of what is still to come, to find listeners that leaked. */
  pending(): string[] {
    return this.#due.names();
  }
}

/** A binary heap: a lab of a thousand PCs has thousands of timers. Those that are over are dropped when they come up. */
class DueTimers {
  readonly #heap: Timer[] = [];

  add(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(timer, heap[up]); up = (at - 1) >> 1) {
      heap[at] = heap[up] ?? timer;
      at = up;
    }
    heap[at] = timer;
  }

  first(): Timer | undefined {
    while (this.#heap[0]?.over === true) this.#dropFirst();
    return this.#heap[0];
  }

  names(): string[] {
    const alive = this.#heap.filter(({ over }) => !over);
    return alive.sort((a, b) => a.order - b.order).map(({ name }) => name);
  }

  #dropFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = isBefore(heap[right], heap[left]) ? right : left;
      const down = heap[child];
      if (!down || !isBefore(down, last)) break;
      heap[at] = down;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (one: Timer | undefined, other: Timer | undefined): boolean =>
  one !== undefined &&
  (other === undefined || one.at < other.at || (one.at === other.at && one.order < other.order));
