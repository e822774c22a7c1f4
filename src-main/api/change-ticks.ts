import { millis, type Millis } from '../../shared/base/units.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { LabService } from './head-services.ts';

/** Faster than this no person reads. */
export const shortestGap: Millis = millis(330);

/** When something in the lab has changed, for everybody who follows it. Nobody who reads slowly is waited for. */
export class ChangeTicks {
  readonly #lab: Pick<LabService, 'onChange'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<() => void>();
  #subscription: Disposable | undefined;
  #watchers = 0;
  #version = 0;

  constructor(lab: Pick<LabService, 'onChange'>, clock: Pick<Clock, 'after'>) {
    this.#lab = lab;
    this.#clock = clock;
  }

  /** Another number means that something may be another. */
  get version(): number {
    return this.#version;
  }

  /** Ticks at once, then after each change, at most once a `shortestGap`. Ends when `signal` says so. */
  async *watch(signal: AbortSignal): AsyncGenerator<void, void, void> {
    this.#enter();
    try {
      while (!signal.aborted) {
        const seen = this.#version;
        const gap = this.#pause(shortestGap, signal);
        yield;
        await gap;
        if (this.#version === seen) await this.#change(signal);
      }
    } finally {
      this.#leave();
    }
  }

  #enter(): void {
    this.#watchers += 1;
    this.#version += 1; // what was made before may be old: nobody listened
    this.#subscription ??= this.#lab.onChange(() => {
      this.#version += 1;
      for (const wake of [...this.#waiting]) wake();
    });
  }

  #leave(): void {
    this.#watchers -= 1;
    if (this.#watchers > 0) return;
    this.#subscription?.dispose();
    this.#subscription = undefined;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }

  #pause(span: Millis, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.dispose();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#clock.after('next view', span, end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}
