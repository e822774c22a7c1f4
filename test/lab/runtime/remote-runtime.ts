import { request } from 'node:http';
import { ok, type Result } from '../../../shared/base/result.ts';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type {
  AdoptedAttempt,
  Carried,
  ContainerRuntime,
  ProgramEnd,
  Snapshot,
  StartFault,
  Unpacked,
  Usage,
} from '../../../src-member/ports/container-runtime.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';

interface EndOf {
  readonly of: AttemptKey;
  readonly end: ProgramEnd;
}

/** The container runtime of a practice PC (see `runtime-probe.ts`). */
export class RemoteRuntime implements ContainerRuntime {
  readonly #host: string;
  #onEnded: (of: AttemptKey, end: ProgramEnd) => void = () => undefined;
  #told = 0;

  constructor(host: string) {
    this.#host = host;
  }

  listen(onEnded: (of: AttemptKey, end: ProgramEnd) => void): void {
    this.#onEnded = onEnded;
  }

  /** Asks for ends that were not told yet. */
  async poll(): Promise<void> {
    const ends = (await this.#call('ends', {})) as readonly EndOf[];
    for (const { of, end } of ends.slice(this.#told)) {
      this.#told += 1;
      this.#onEnded(of, end);
    }
  }

  async endOf(of: AttemptKey): Promise<ProgramEnd | undefined> {
    const ends = (await this.#call('ends', {})) as readonly EndOf[];
    return ends.find((one) => attemptName(one.of) === attemptName(of))?.end;
  }

  async adopt(): Promise<readonly AdoptedAttempt[]> {
    return (await this.#call('adopted', {})) as readonly AdoptedAttempt[];
  }

  async start(of: AttemptKey, spec: TaskSpec): Promise<Result<null, StartFault>> {
    return (await this.#call('start', { of, spec })) as Result<null, StartFault>;
  }

  async restore(of: AttemptKey): Promise<Result<null, StartFault>> {
    return (await this.#call('restore', { of })) as Result<null, StartFault>;
  }

  async freeze(of: AttemptKey): Promise<void> {
    await this.#call('freeze', { of });
  }

  async thaw(of: AttemptKey): Promise<void> {
    await this.#call('thaw', { of });
  }

  terminate(of: AttemptKey): void {
    void this.#call('terminate', { of });
  }

  async kill(of: AttemptKey): Promise<void> {
    await this.#call('kill', { of });
  }

  async remove(of: AttemptKey): Promise<void> {
    await this.#call('remove', { of });
  }

  /** The port's own is not asynchronous; a test asks with `usageOf`. */
  usage(): Usage {
    return { cpuSeconds: 0, memory: 0 };
  }

  async usageOf(of: AttemptKey): Promise<Usage> {
    return (await this.#call('usage', { of })) as Usage;
  }

  /** Bytes that tasks of the PC may have together. */
  async spareMemory(): Promise<number> {
    return Number(await this.#call('spare', {}));
  }

  async outputs(
    of: AttemptKey,
    patterns: readonly string[],
  ): Promise<Result<readonly string[], { readonly reason: string }>> {
    return (await this.#call('outputs', { of, patterns })) as Result<
      readonly string[],
      { readonly reason: string }
    >;
  }

  async logOf(of: AttemptKey): Promise<string> {
    return (await this.#call('log', { of })) as string;
  }

  async obstacle(of: AttemptKey): Promise<string | null> {
    return (await this.#call('obstacle', { of })) as string | null;
  }

  async snapshot(
    of: AttemptKey,
    carried: Carried,
    apart: boolean,
  ): Promise<Result<Snapshot, { readonly reason: string }>> {
    const taken = (await this.#call('snapshot', { of, carried, apart })) as Result<
      { readonly handle: string; readonly apart: boolean },
      { readonly reason: string }
    >;
    if (!taken.ok) return taken;
    const query = `?handle=${taken.value.handle}`;
    let trouble: string | null = null;
    return ok({
      apart: taken.value.apart,
      bytes: () => this.#stream(`/bytes${query}`),
      trouble: () => trouble,
      drop: async () => {
        trouble = (await this.#call(`drop${query}`, {})) as string | null;
      },
    });
  }

  async unpack(
    of: AttemptKey,
    spec: TaskSpec,
    bytes: AsyncIterable<Uint8Array>,
    needs = 0,
  ): Promise<Result<Unpacked, StartFault>> {
    const asking = request({
      ...this.#where('/unpack'),
      headers: { 'x-call': JSON.stringify({ of, spec, needs }) },
    });
    const answer = textOf(asking);
    try {
      for await (const chunk of bytes) asking.write(chunk);
      asking.end();
    } catch {
      asking.destroy(); // the sender broke off
      await answer.catch(() => undefined);
      return { ok: false, error: { cause: 'machine', reason: 'broke off' } };
    }
    return JSON.parse(await answer) as Result<Unpacked, StartFault>;
  }

  #where(path: string): object {
    return { host: this.#host, port: 7500, path, method: 'POST', agent: false };
  }

  async #call(method: string, body: object): Promise<unknown> {
    const asking = request(this.#where(`/${method}`));
    asking.end(JSON.stringify(body));
    return JSON.parse(await textOf(asking)) as unknown;
  }

  async *#stream(path: string): AsyncGenerator<Uint8Array> {
    const asking = request(this.#where(path));
    const response = new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
      asking.once('response', (answer) => resolve(answer as AsyncIterable<Uint8Array>));
      asking.once('error', reject);
    });
    asking.end();
    yield* await response;
  }
}

function textOf(asking: ReturnType<typeof request>): Promise<string> {
  return new Promise((resolve, reject) => {
    asking.once('error', reject);
    asking.once('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.once('error', reject);
      response.once('end', () => resolve(text));
    });
  });
}
