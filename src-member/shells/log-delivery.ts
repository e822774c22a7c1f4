import { millis } from '../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { TaskFiles } from '../ports/task-files.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import type { Directive } from '../core/attempts/turn.ts';

/**
 * Pieces that go out before a pause: heartbeats share the link, and a program that floods its output must not hold them
 * up. 8 pieces of 32 KiB every 20 ms are 12 MB/s.
 */
const burst = 8;
const pause = millis(20);

/** Readers of programs' output, by the head's request number. */
export class LogDelivery {
  readonly #files: TaskFiles;
  readonly #clock: Clock;
  readonly #send: (message: ToHead) => void;
  readonly #requests = new Map<number, { readonly name: string; stop(): void }>();

  constructor(files: TaskFiles, clock: Clock, send: (message: ToHead) => void) {
    this.#files = files;
    this.#clock = clock;
    this.#send = send;
  }

  deliver({ of, request, offset, follow }: Extract<Directive, { readonly d: 'read-log' }>): void {
    this.stop(request);
    let told = 0;
    let ended = false;
    const following = this.#files.followLog(of, offset, follow, {
      piece: (at, piece) => {
        if (ended) return Promise.resolve();
        this.#send({ t: 'log-piece', request, offset: at, piece, end: false });
        told += 1;
        if (told % burst !== 0) return Promise.resolve();
        return new Promise((resolve) => {
          this.#clock.after('log pace', pause, resolve);
        });
      },
      end: (at) => {
        if (ended) return;
        ended = true;
        this.#requests.delete(request);
        this.#send({ t: 'log-piece', request, offset: at, piece: '', end: true });
      },
    });
    if (ended) return;
    this.#requests.set(request, {
      name: attemptName(of),
      stop: () => {
        ended = true;
        following.stop();
      },
    });
  }

  stop(request: number): void {
    this.#requests.get(request)?.stop();
    this.#requests.delete(request);
  }

  stopAll(): void {
    for (const request of [...this.#requests.keys()]) this.stop(request);
  }

  /** The program writes no more: readers get the rest and their end. */
  close(of: AttemptKey): void {
    this.#files.endLog(of);
  }

  /** The attempt is dropped. */
  release(of: AttemptKey): void {
    this.#files.endLog(of);
  }
}
