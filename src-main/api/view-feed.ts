import { labChanges, withLabChanges, type LabFeed } from '../../shared/api/lab-feed.ts';
import type { LabView } from '../../shared/api/views.ts';
import type { ChangeTicks } from './change-ticks.ts';
import type { LabService } from './head-services.ts';

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
  readonly #lab: Pick<LabService, 'view'>;
  readonly #ticks: ChangeTicks;
  /** Newest last. Unchanged rows are the same objects in all of them. */
  #pictures: readonly Picture[] = [];
  #madeAt = -1;
  /** From an older picture to the newest, by the older one's version. */
  readonly #changes = new Map<string, LabFeed>();

  constructor(lab: Pick<LabService, 'view'>, ticks: ChangeTicks) {
    this.#lab = lab;
    this.#ticks = ticks;
  }

  /**
   * The picture now, or what changed since the one that `since` names if it is remembered; then after each change what it
   * changed, at most once a `shortestGap` (change-ticks.ts). Ends when `signal` says so.
   */
  async *watch(since: string | null, signal: AbortSignal): AsyncGenerator<LabFeed, void, void> {
    let told = this.#pictures.find(({ version }) => version === since);
    for await (const _tick of this.#ticks.watch(signal)) {
      const picture = this.#picture();
      yield told
        ? this.#changesSince(told, picture)
        : { version: picture.version, whole: picture.view };
      told = picture;
    }
  }

  #picture(): Picture {
    const last = this.#pictures.at(-1);
    const { version: now } = this.#ticks;
    if (last && this.#madeAt === now) return last;
    this.#madeAt = now;
    this.#changes.clear();
    const view = this.#lab.view();
    // A head that was started again has not the pictures of the one before.
    const version = `${view.startedAt}.${now}`;
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
}
