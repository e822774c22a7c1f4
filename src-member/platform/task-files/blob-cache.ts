import { createHash, type Hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '../../../shared/base/result.ts';
import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { InputFile, InputNode } from '../../../shared/domain/job.ts';
import type { StartFault } from '../../ports/container-runtime.ts';
import type { HeadBlobs } from '../../ports/task-files.ts';
import { writeSparse } from '../../../shared/node/sparse-file.ts';
import { finishTree, layFile, makeParents, otherNames, placeOf } from './lay-down.ts';
import PQueue from 'p-queue';

/** Inputs in RAM, least recently used first, up to a bound. */
export class BlobCache {
  readonly #folder: string;
  readonly #blobs: HeadBlobs;
  readonly #bound: number;
  readonly #user: number;
  /** In the order of use: a Map keeps the order in which keys were set. */
  readonly #sizes = new Map<BlobHash, number>();
  readonly #fetching = new Map<BlobHash, Promise<Result<string, StartFault>>>();
  readonly #turns = new PQueue({ concurrency: 4 });
  readonly #inUse = new Map<BlobHash, number>();
  #total = 0;

  constructor(folder: string, blobs: HeadBlobs, bound: number, user: number) {
    this.#folder = folder;
    this.#blobs = blobs;
    this.#bound = bound;
    this.#user = user;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // What a former agent cached is not worth the checking.
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
  }

  /**
   * Copies, never links: the program owns its inputs and may change them, and CRIU cannot checkpoint an open file that
   * was deleted while another link to it exists.
   */
  async place(
    inputs: readonly InputFile[],
    folder: string,
    nodes: readonly InputNode[] = [],
  ): Promise<Result<null, StartFault>> {
    const names = new Set([...otherNames(inputs).values()].flat());
    const contents = inputs.filter((input) => !names.has(input));
    const placed = await Promise.all(contents.map((input) => this.#placeOne(input, folder)));
    const failed = placed.find((one) => !one.ok);
    if (failed !== undefined) return failed;
    try {
      for (const name of names) await makeParents(folder, name, this.#user);
      await finishTree(folder, inputs, nodes, this.#user);
      return ok(null);
    } catch (error) {
      return fault('machine', `the inputs could not be laid down: ${wordsOf(error)}`);
    }
  }

  uncache(hashes: readonly string[]): void {
    for (const hash of hashes) this.#evict(hash as BlobHash);
  }

  async #placeOne(input: InputFile, folder: string): Promise<Result<null, StartFault>> {
    const { hash, path } = input;
    this.#inUse.set(hash, (this.#inUse.get(hash) ?? 0) + 1);
    try {
      const cached = await this.#get(input);
      if (!cached.ok) return cached;
      await makeParents(folder, input, this.#user);
      await layFile(cached.value, input, placeOf(folder, input), this.#user);
      return ok(null);
    } catch (error) {
      return fault('machine', `the input "${path}" could not be laid down: ${wordsOf(error)}`);
    } finally {
      const users = (this.#inUse.get(hash) ?? 1) - 1;
      if (users > 0) this.#inUse.set(hash, users);
      else this.#inUse.delete(hash);
    }
  }

  async #get(input: InputFile): Promise<Result<string, StartFault>> {
    const { hash } = input;
    const size = this.#sizes.get(hash);
    if (size !== undefined) {
      this.#sizes.delete(hash);
      this.#sizes.set(hash, size);
      return ok(join(this.#folder, hash));
    }
    const underway = this.#fetching.get(hash);
    if (underway) return underway;
    const fetching = this.#turns.add(() => this.#fetch(input));
    this.#fetching.set(hash, fetching);
    try {
      return await fetching;
    } finally {
      this.#fetching.delete(hash);
    }
  }

  async #fetch({ hash, path }: InputFile): Promise<Result<string, StartFault>> {
    const answered = await this.#blobs.read(hash);
    if (!answered.ok) {
      const { why, reason } = answered.error;
      return why === 'absent'
        ? fault(
            'unstartable',
            `the head does not have the input "${path}" any more; submit the job again`,
          )
        : fault('machine', `the input "${path}" could not be fetched: ${reason}`);
    }
    const draft = join(this.#folder, `${hash}.new`);
    const target = join(this.#folder, hash);
    const digest = createHash('sha256');
    try {
      await rm(draft, { force: true });
      await writeSparse(draft, digested(answered.value, digest));
    } catch (error) {
      await rm(draft, { force: true });
      return fault('machine', `the input "${path}" could not be fetched: ${wordsOf(error)}`);
    }
    if (digest.digest('hex') !== hash) {
      await rm(draft, { force: true });
      return fault('machine', `the input "${path}" arrived damaged`);
    }
    await rename(draft, target);
    // What it takes up in RAM: holes cost nothing.
    const { size, blocks } = await stat(target);
    this.#remember(hash, Math.min(size, blocks * 512));
    return ok(target);
  }

  #remember(hash: BlobHash, size: number): void {
    this.#sizes.set(hash, size);
    this.#total += size;
    for (const old of this.#sizes.keys()) {
      if (this.#total <= this.#bound) return;
      if (old !== hash && !this.#inUse.has(old)) this.#evict(old);
    }
  }

  #evict(hash: BlobHash): void {
    const size = this.#sizes.get(hash);
    if (size === undefined || this.#inUse.has(hash)) return;
    this.#sizes.delete(hash);
    this.#total -= size;
    if (existsSync(join(this.#folder, hash))) rmSync(join(this.#folder, hash), { force: true });
  }
}

const fault = (
  cause: StartFault['cause'],
  reason: string,
): { readonly ok: false; readonly error: StartFault } => ({ ok: false, error: { cause, reason } });

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

async function* digested(
  source: AsyncIterable<Uint8Array>,
  digest: Hash,
): AsyncIterable<Uint8Array> {
  for await (const piece of source) {
    digest.update(piece);
    yield piece;
  }
}
