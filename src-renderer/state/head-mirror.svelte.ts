import type { LabView } from '../../shared/api/views.ts';
import type { HeadBridge, LinkState } from '../bridge/head-bridge.ts';

/**
 * What the head shows, as it shows it. The only source of the lab's state in this program: it is replaced whole by what
 * arrives, and kept (as `stale`) while the head cannot be reached.
 */
export class HeadMirror {
  /** Raw: a view is never changed, only replaced, so nothing in it needs watching. */
  view = $state.raw<LabView | null>(null);
  link = $state<LinkState>('connecting');
  readonly stale = $derived(this.link !== 'open');
  /** Grows with each view; what follows details of the lab refetches when it does. */
  generation = $state(0);
  readonly #bridge: HeadBridge;
  #watching: AbortController | undefined;
  readonly #stopListening: () => void;

  constructor(bridge: HeadBridge) {
    this.#bridge = bridge;
    this.#stopListening = bridge.onLink((link) => this.#onLink(link));
  }

  retry(): void {
    this.#bridge.retry();
  }

  dispose(): void {
    this.#watching?.abort();
    this.#stopListening();
  }

  #onLink(link: LinkState): void {
    this.link = link;
    this.#watching?.abort();
    this.#watching = undefined;
    if (link !== 'open') return;
    this.#watching = new AbortController();
    void this.#watch(this.#watching.signal);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    try {
      for await (const view of await this.#bridge.api.lab.watch(undefined, { signal })) {
        if (signal.aborted) return;
        this.view = view;
        this.generation += 1;
      }
    } catch {
      // The link went away, which `onLink` tells, or the page was left.
    }
  }
}
