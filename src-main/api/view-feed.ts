import type { LabView } from '../../shared/api/views.ts';
import { millis, type Millis } from '../../shared/base/units.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { LabService } from './head-services.ts';

/** Faster than this no person reads. */
export const shortestGap: Millis = millis(330);

/** The lab's view for everybody who watches: made once a change, however many they are. */
export class ViewFeed {
  readonly #lab: Pick<LabService, 'view' | 'onChange'>;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #subscription: Disposable | undefined;
  #watchers = 0;
  #version = 0;
  #made: { readonly version: number; readonly view: LabView } | undefined;

  constructor(lab: Pick<LabService, 'view' | 'onChange'>, clock: Clock) {
    this.#lab = lab;
    this.#clock = clock;
  }

  /** The view now and again after each change, at most once a `shortestGap`. Ends when `signal` says so. */
  async *watch(signal: AbortSignal): AsyncGenerator<LabView, void, void> {
    this.#enter();
    try {
      while (!signal.aborted) {
        const seen = this.#version;
        const gap = this.#pause(shortestGap, signal);
        yield this.#view();
        await gap;
        if (this.#version === seen) await this.#change(signal);
      }
    } finally {
      this.#leave();
    }
  }

  #view(): LabView {
    if (this.#made?.version !== this.#version) {
      this.#made = { version: this.#version, view: this.#lab.view() };
    }
    return this.#made.view;
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
    this.#made = undefined;
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
