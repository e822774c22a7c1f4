import { Session } from 'node:inspector/promises';
import { setTimeout as pass } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { HeadProcess } from '../../lab/head/head-process.ts';
import { waitUntil } from '../../lab/wait-until.ts';

/** Milliseconds between two looks at what runs. */
const sampling = 1;
const functionsNamed = 8;

/** A node of a profile as V8's protocol has it (Profiler.ProfileNode). */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
}

/** Bytes; `native`: what neither V8's heap nor its buffers hold, such as OpenSSL's and SQLite's, and the program itself. */
export interface MemoryParts {
  readonly heap: number;
  readonly heapUsed: number;
  readonly buffers: number;
  readonly native: number;
}

/**
 * Looks into a running head, which need know nothing of it: SIGUSR1 opens Node's inspector. Start the head with
 * `--inspect-port=0`, so that it is a port of its own.
 */
export class HeadProfiler {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (bytes: Buffer) => {
      const { id, result } = JSON.parse(bytes.toString('utf8')) as { id?: number; result: unknown };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  static async attach(head: HeadProcess): Promise<HeadProfiler> {
    const address = (): string | undefined => /ws:\/\/[\d.]+:\d+\/[-\w]+/.exec(head.err)?.[0];
    head.process.kill('SIGUSR1');
    const url = await waitUntil('the inspector is open', address);
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise<void>((opened, failed) => socket.once('open', opened).once('error', failed));
    const profiler = new HeadProfiler(socket);
    await profiler.#ask('Profiler.enable');
    await profiler.#ask('Profiler.setSamplingInterval', { interval: sampling * 1000 });
    return profiler;
  }

  /** What held the head's thread while this was done: shares of the time in which it was not idle. */
  async during(act: () => Promise<unknown>): Promise<string> {
    await this.#ask('Profiler.start');
    await act();
    const { profile } = (await this.#ask('Profiler.stop')) as { readonly profile: CpuProfile };
    return busiest(profile);
  }

  async forSeconds(seconds: number): Promise<string> {
    return this.during(() => pass(seconds * 1000));
  }

  async memory(): Promise<MemoryParts> {
    const expression = 'JSON.stringify(process.memoryUsage())';
    const { result } = (await this.#ask('Runtime.evaluate', { expression })) as {
      readonly result: { readonly value: string };
    };
    const use = JSON.parse(result.value) as NodeJS.MemoryUsage;
    const { rss, heapTotal: heap, heapUsed, external: buffers } = use;
    return { heap, heapUsed, buffers, native: rss - heap - buffers };
  }

  close(): void {
    this.#socket.terminate();
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    const id = (this.#asked += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

/** What held the thread of this very process while this was done. */
export async function profileHere(act: () => unknown): Promise<string> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    act();
    return busiest((await session.post('Profiler.stop')).profile);
  } finally {
    session.disconnect();
  }
}

/** The functions in which most of the time was spent that was not idle, with their shares. */
export function busiest({ nodes, samples = [], timeDeltas = [] }: CpuProfile): string {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const spent = new Map<string, number>();
  let all = 0;
  let busy = 0;
  for (const [at, id] of samples.entries()) {
    const micros = timeDeltas[at] ?? 0;
    const name = names.get(id) ?? '?';
    all += micros;
    if (name === '(idle)') continue;
    busy += micros;
    spent.set(name, (spent.get(name) ?? 0) + micros);
  }
  const shares = [...spent].sort(([, a], [, b]) => b - a).slice(0, functionsNamed);
  const told = shares.map(([name, micros]) => `${name} ${percent(micros, busy)}`).join(', ');
  return `busy ${(busy / 1000).toFixed(0)} ms of ${(all / 1000).toFixed(0)}: ${told}`;
}

const nameOf = ({ functionName, url }: ProfileNode['callFrame']): string => {
  const name = functionName === '' ? 'anonymous' : functionName;
  const file = url.split('/').at(-1) ?? '';
  return file === '' || file === 'run-head.mjs' ? name : `${name} (${file})`;
};

const percent = (part: number, whole: number): string =>
  `${((100 * part) / Math.max(1, whole)).toFixed(0)} %`;
