import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ok, type Result } from '../../../shared/base/result.ts';
import type { StartFault } from '../../ports/container-runtime.ts';
import type { BlobFault } from '../../ports/task-files.ts';
import { runProgram } from '../run-program.ts';

export interface SoftwarePacksOptions {
  /** Folder of the packs' trees, such as /packs; those that were fetched are mounted there, too. */
  readonly carried: string;
  /** In RAM: fetched packs as they came. */
  readonly folder: string;
  /** What the head would hand out. */
  readonly fetchable: readonly string[];
  read(name: string): Promise<Result<AsyncIterable<Uint8Array>, BlobFault>>;
  readonly log: (line: string) => void;
}

/**
 * The software packs of this PC. One that it does not carry comes from the head as a squashfs, stays compressed in RAM
 * and is mounted; it remains until the PC goes, also for an agent that is started anew.
 */
export class SoftwarePacks {
  readonly #options: SoftwarePacksOptions;
  readonly #coming = new Map<string, Promise<Result<null, StartFault>>>();

  constructor(options: SoftwarePacksOptions) {
    this.#options = options;
  }

  /** Tasks that ask at the same time wait for the same bytes. */
  ensure(name: string): Promise<Result<null, StartFault>> {
    const { carried, fetchable } = this.#options;
    if (!/^\w[\w.+-]*$/.test(name)) return Promise.resolve(notHere(name));
    const coming = this.#coming.get(name);
    if (coming) return coming;
    if (isThere(join(carried, name))) return Promise.resolve(ok(null));
    if (!fetchable.includes(name)) return Promise.resolve(notHere(name));
    const fetching = this.#fetch(name).finally(() => this.#coming.delete(name));
    this.#coming.set(name, fetching);
    return fetching;
  }

  async #fetch(name: string): Promise<Result<null, StartFault>> {
    const { carried, folder, log } = this.#options;
    const file = join(folder, `${name}.squashfs`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const began = performance.now();
    const bytes = await this.#options.read(name);
    if (!bytes.ok)
      return fault(`the software pack "${name}" could not be fetched: ${bytes.error.reason}`);
    try {
      await pipeline(bytes.value, createWriteStream(file));
    } catch (error) {
      rmSync(file, { force: true });
      return fault(`the software pack "${name}" did not arrive whole: ${said(error)}`);
    }
    const target = join(carried, name);
    mkdirSync(target, { recursive: true });
    const mounted = await runProgram(['mount', '-t', 'squashfs', '-o', 'loop,ro', file, target]);
    if (mounted.code !== 0) {
      rmSync(file, { force: true });
      return fault(`the software pack "${name}" could not be mounted: ${mounted.said.trim()}`);
    }
    log(`fetched the software pack ${name} in ${Math.round(performance.now() - began)} ms`);
    return ok(null);
  }
}

/** An empty folder is one that an agent which died had no time to mount on. */
const isThere = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;

const fault = (reason: string): Result<never, StartFault> => ({
  ok: false,
  error: { cause: 'machine', reason },
});
const notHere = (name: string): Result<never, StartFault> =>
  fault(`this PC does not carry the software pack "${name}"`);

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
