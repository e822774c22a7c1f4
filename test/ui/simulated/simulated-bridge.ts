import { createRouterClient } from '@orpc/server';
import { blobHash } from '../../../shared/domain/ids.ts';
import type { OutputFile } from '../../../shared/domain/job.ts';
import type { HeadApi, HeadBridge, LinkState } from '../../../src-renderer/bridge/head-bridge.ts';
import type { SimulatedLab } from './simulated-lab.ts';
import { simulatedRouter } from './simulated-router.ts';

/**
 * A head in memory: the contract over a `SimulatedLab`. Time stands still until somebody advances the lab, or `run`
 * is called. `link` can be set to try what the UI does without a head.
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

  constructor(lab: SimulatedLab) {
    this.lab = lab;
    const client = createRouterClient(simulatedRouter(lab), {
      interceptors: [
        (call) => {
          this.calls.push(call.path.join('.'));
          return call.next();
        },
      ],
    });
    // A call of what is not simulated fails as one to a head that is away.
    this.api = client as unknown as HeadApi;
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
    return { hash: blobHash(String(this.sentFiles.length).padStart(64, '0')), size: file.size };
  }

  blobAddress(hash: string): string {
    return `#/blob/${hash}`;
  }

  /** Lets time pass at its natural speed until the returned function is called. */
  run(): () => void {
    const step = 1000;
    const timer = setInterval(() => this.lab.advance(step), step);
    return () => clearInterval(timer);
  }
}
