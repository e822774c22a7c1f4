import { labChanges, withLabChanges, type LabFeed } from '../../shared/api/lab-feed.ts';
import type { LabView } from '../../shared/api/views.ts';
import { millis, type Millis } from '../../shared/base/units.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { LabService } from './head-services.ts';

/** Faster than this no person reads. */
export const shortestGap: Millis = millis(330);

/** So many pictures are remembered for those whose connection broke; what they have in common is there once. */
const remembered = 32;

interface Picture {
  readonly version: string;
  readonly view: LabView;
}

/**
 * The lab's view for everybody who watches: made once a change, however many they are. The first message is the whole
 * picture, then come changes. Who reads slowly skips pictures: its next changes go from what it has to what is there now.
 */
export class ViewFeed {
  readonly #lab: Pick<LabService, 'view' | 'onChange'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<() => void>();
  #subscription: Disposable | undefined;
  #watchers = 0;
  #version = 0;
  /** Newest last. Unchanged rows are the same objects in all of them. */
  #pictures: readonly Picture[] = [];
  #madeAt = -1;
  /** From an older picture to the newest, by the older one's version. */
  readonly #changes = new Map<string, LabFeed>();

  constructor(lab: Pick<LabService, 'view' | 'onChange'>, clock: Pick<Clock, 'after'>) {
    this.#lab = lab;
    this.#clock = clock;
  }

  /**
   * The picture now, or what changed since the one that `since` names if it is remembered; then after each change what it
   * changed, at most once a `shortestGap`. Ends when `signal` says so.
   */
  async *watch(since: string | null, signal: AbortSignal): AsyncGenerator<LabFeed, void, void> {
    this.#enter();
    let told = this.#pictures.find(({ version }) => version === since);
    try {
      while (!signal.aborted) {
        const seen = this.#version;
        const gap = this.#pause(shortestGap, signal);
        const picture = this.#picture();
        yield told
          ? this.#changesSince(told, picture)
          : { version: picture.version, whole: picture.view };
        told = picture;
        await gap;
        if (this.#version === seen) await this.#change(signal);
      }
    } finally {
      this.#leave();
    }
  }

  #picture(): Picture {
    const last = this.#pictures.at(-1);
    if (last && this.#madeAt === this.#version) return last;
    this.#madeAt = this.#version;
    this.#changes.clear();
    const view = this.#lab.view();
    // A head that was started again has not the pictures of the one before.
    const version = `${view.startedAt}.${this.#version}`;
    const changes = last && labChanges(last.view, view);
    const made = { version, view: last && changes ? withLabChanges(last.view, changes) : view };
    if (last && changes) this.#changes.set(last.version, { version, changes });
    this.#pictures = [...this.#pictures.slice(1 - remembered), made];
    return made;
  }

  #changesSince(told: Picture, picture: Picture): LabFeed {
    const known = this.#changes.get(told.version);
    if (known) return known;
    const made: LabFeed = {
      version: picture.version,
      changes: labChanges(told.view, picture.view),
    };
    this.#changes.set(told.version, made);
    return made;
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
