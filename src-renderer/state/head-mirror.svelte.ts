import { withLabFeed } from '../../shared/api/lab-feed.ts';
import type { LabView } from '../../shared/api/views.ts';
import type { HeadBridge, LinkState } from '../bridge/head-bridge.ts';

/**
 * What the head shows, as it shows it. The only source of the lab's state in this program: it follows what
 * arrives, rows that did not change staying the same objects, and is kept (as `stale`) while the head cannot be reached.
 */
export class HeadMirror {
  /** Raw: a view is never changed, only replaced, so nothing in it needs watching. */
  view = $state.raw<LabView | null>(null);
  link = $state<LinkState>('connecting');
  readonly stale = $derived(this.link !== 'open');
  /** Grows with each view; what follows details of the lab refetches when it does. */
  generation = $state(0);
  readonly #bridge: HeadBridge;
  /** Of the picture that is shown: what a new connection goes on from. */
  #version: string | null = null;
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
      const since = this.#version;
      for await (const message of await this.#bridge.api.lab.watch({ since }, { signal })) {
        if (signal.aborted) return;
        this.view = withLabFeed(this.view, message);
        this.#version = message.version;
        this.generation += 1;
      }
    } catch {
      // The link went away, which `onLink` tells, or the page was left.
    }
  }
}
