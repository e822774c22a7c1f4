import { blobHash } from '../../../shared/domain/ids.ts';
import type { OutputFile } from '../../../shared/domain/job.ts';
import type { SimulatedHead } from '../../../src-sim/simulated-head.ts';
import type { SimulatedLab } from '../../../src-sim/simulated-lab.ts';
import type { HeadApi, HeadBridge, LinkState } from '../../../src-renderer/bridge/head-bridge.ts';

/**
 * The renderer's bridge to a head in this very page. Time stands still until somebody advances the lab, or `run` is called.
 * `link` can be set to try what the UI does without a head.
 */
export class SimulatedBridge implements HeadBridge {
  readonly api: HeadApi;
  readonly isSimulated = true;
  readonly lab: SimulatedLab;
  readonly sentFiles: Blob[] = [];
  retries = 0;
  /** What was asked of the head: `jobs.get`, in order. */
  readonly calls: string[] = [];
  readonly #listeners = new Set<(state: LinkState) => void>();
  #link: LinkState = 'open';

  constructor(head: SimulatedHead) {
    this.lab = head.lab;
    this.api = head.client((call) => this.calls.push(call));
  }

  set link(state: LinkState) {
    this.#link = state;
    for (const listener of this.#listeners) listener(state);
  }

  onLink(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#link);
    return () => this.#listeners.delete(listener);
  }

  retry(): void {
    this.retries += 1;
  }

  async putBlob(file: Blob): Promise<Pick<OutputFile, 'hash' | 'size'>> {
    this.sentFiles.push(file);
    const hash = blobHash(String(this.sentFiles.length).padStart(64, '0'));
    this.lab.stored.set(hash, file.size);
    return { hash, size: file.size };
  }

  blobAddress(hash: string): string {
    return `#/blob/${hash}`;
  }

  /** Lets so many milliseconds pass at their natural speed, unless the returned function is called before. */
  run(span = Infinity, ended: () => void = () => undefined): () => void {
    const step = 200;
    let left = span;
    const timer = setInterval(() => {
      this.lab.advance(step);
      left -= step;
      if (left > 0) return;
      clearInterval(timer);
      ended();
    }, step);
    return () => clearInterval(timer);
  }
}
