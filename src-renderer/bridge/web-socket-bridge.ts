import { createORPCClient, type ClientLink } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { z } from 'zod/mini';
import { httpPaths } from '../../shared/api/http-paths.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import type { OutputFile } from '../../shared/domain/job.ts';
import { linkClosings } from '../../shared/wire/link-closings.ts';
import type { HeadApi, HeadBridge, LinkState } from './head-bridge.ts';
import { Backoff } from './backoff.ts';

const stored = z.object({ hash: z.string(), size: z.number() });
/** A head answers within milliseconds; a socket that opens slower than this is not going to. */
const openWithin = 8000;

/** The head that served this page, over a WebSocket of the same origin; reconnects by itself. */
export class WebSocketBridge implements HeadBridge {
  readonly api: HeadApi;
  readonly isSimulated = false;
  readonly #page: URL;
  readonly #listeners = new Set<(state: LinkState) => void>();
  readonly #backoff = new Backoff(() => this.#connect());
  #state: LinkState = 'connecting';
  #link: ClientLink<object> | undefined;

  constructor(page: URL) {
    this.#page = page;
    // The link of the moment: a call made while there is none fails at once and is not kept for later.
    this.api = createORPCClient({
      call: (path, input, options) => {
        if (!this.#link) return Promise.reject(new Error('no connection to the head'));
        return this.#link.call(path, input, options);
      },
    });
    this.#connect();
    // A laptop that wakes up or finds its network again need not wait for the next try.
    addEventListener('online', () => this.retry());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.retry();
    });
  }

  onLink(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  retry(): void {
    if (this.#state === 'lost' || this.#state === 'stopped') this.#backoff.now();
  }

  async putBlob(file: Blob): Promise<Pick<OutputFile, 'hash' | 'size'>> {
    const response = await fetch(this.#address(httpPaths.blob), { method: 'PUT', body: file });
    if (!response.ok) throw new Error((await response.text()).trim());
    const { hash, size } = stored.parse(await response.json());
    return { hash: blobHash(hash), size };
  }

  blobAddress(hash: string): string {
    return this.#address(`${httpPaths.blob}/${hash}`);
  }

  #address(path: string): string {
    return new URL(path, this.#page).href;
  }

  #connect(): void {
    const address = new URL(httpPaths.api, this.#page);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address);
    const slow = setTimeout(() => socket.close(), openWithin);
    socket.addEventListener('open', () => {
      clearTimeout(slow);
      this.#backoff.reset();
      this.#link = new RPCLink({ websocket: socket });
      this.#become('open');
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(slow);
      this.#link = undefined;
      if (code === linkClosings.headStops) {
        this.#become('stopped');
        this.#backoff.later();
      } else void this.#onClose();
    });
  }

  /** A browser is not told why a socket did not open; asking for the page tells it. */
  async #onClose(): Promise<void> {
    const answer = await fetch(this.#address('/'), { method: 'HEAD', cache: 'no-store' }).catch(
      () => undefined,
    );
    if (answer?.status === 401) {
      this.#become('unknown-browser');
      return;
    }
    // Nobody answers because it was stopped: that is still why.
    if (this.#state !== 'stopped') this.#become('lost');
    this.#backoff.later();
  }

  #become(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
