import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, refuse, type Refusal, type Result } from '../../../shared/base/result.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { mebibytes, type Bytes, type Millis } from '../../../shared/base/units.ts';
import { blobHash, type BlobHash } from '../../../shared/domain/ids.ts';
import { DamagedBytes, verified } from '../../../shared/domain/verified-bytes.ts';
import { writeSparse } from '../../../shared/node/sparse-file.ts';
import { DiskSpace, type Reservation } from './disk-space.ts';

export interface StoredBlob {
  readonly hash: BlobHash;
  readonly size: number;
  /** False when the very content was here before. */
  readonly isNew: boolean;
}

export interface BlobRefusal extends Refusal {
  readonly diskFull: boolean;
}

/** How often an upload looks at the disk when it did not say how long it will be. */
const spaceCheckEvery = mebibytes(16);

/**
 * Content-addressed files, `ab/<hash>` below its folder. A file's modification time lies in the future: until then
 * it is kept although nothing refers to it (see `collectBlobs`).
 */
export class BlobStore {
  readonly folder: string;
  readonly #drafts: string;
  readonly #space: DiskSpace;
  #makeRoom: () => Promise<unknown> = async () => undefined;
  #tellDamage: (hash: BlobHash, reason: string) => void = () => undefined;

  /** `keepFree`: uploads stop before the disk has less than this left, since the event log lives on it too. */
  constructor(folder: string, keepFree: Bytes) {
    this.folder = folder;
    this.#drafts = join(folder, 'tmp');
    this.#space = new DiskSpace(folder, keepFree);
    // What a killed head was receiving.
    rmSync(this.#drafts, { recursive: true, force: true });
    mkdirSync(this.#drafts, { recursive: true, mode: 0o700 });
  }

  /** What to try before an upload is refused for want of space. */
  onFull(makeRoom: () => Promise<unknown>): void {
    this.#makeRoom = makeRoom;
  }

  /** Told of every blob that is found damaged; from then on it counts as absent. */
  onDamaged(tell: (hash: BlobHash, reason: string) => void): void {
    this.#tellDamage = tell;
  }

  pathOf(hash: BlobHash): string {
    return join(this.folder, hash.slice(0, 2), hash);
  }

  /** Where a damaged blob lies, for whom the rest of it is better than nothing. */
  asidePathOf(hash: BlobHash): string {
    return join(this.folder, 'damaged', hash);
  }

  isDamaged(hash: BlobHash): boolean {
    return existsSync(this.asidePathOf(hash));
  }

  has(hash: BlobHash): { readonly size: number; readonly hasHoles: boolean } | undefined {
    const facts = statSync(this.pathOf(hash), { throwIfNoEntry: false });
    if (!facts?.isFile()) return undefined;
    return { size: facts.size, hasHoles: facts.blocks * 512 < facts.size };
  }

  /** Keeps a blob for at least this long from now on, whether or not something refers to it. */
  keep(hash: BlobHash, keepFor: Millis): void {
    const path = this.pathOf(hash);
    const until = Date.now() + keepFor;
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts && facts.mtimeMs < until) utimesSync(path, until / 1000, until / 1000);
  }

  /**
   * Stores what comes; it is on the disk when this returns. `length` is what the sender announced. Nothing is left
   * of an upload that broke off or did not fit.
   */
  async put(
    source: AsyncIterable<Uint8Array>,
    keepFor: Millis,
    length: number | undefined,
  ): Promise<Result<StoredBlob, BlobRefusal>> {
    const room = await this.#reserve(length ?? 0);
    if (room === undefined) return this.#diskFull();
    const draft = join(this.#drafts, randomUUID());
    try {
      const { hash, size } = await this.#write(draft, source, length === undefined, room);
      const isNew = await this.#publish(draft, { hash, keepFor });
      return ok({ hash, size, isNew });
    } catch (error) {
      await rm(draft, { force: true });
      return isDiskFull(error) ? this.#diskFull() : brokenOff(error);
    } finally {
      room.dispose();
    }
  }

  /**
   * Pieces of a blob. Throws when it is not here, and before the last piece when the disk has not kept what it was given:
   * a flipped bit must never pass for the work of somebody's night.
   */
  async *read(hash: BlobHash): AsyncGenerator<Uint8Array> {
    try {
      yield* verified(hash, this.#pieces(hash), createHash('sha256'));
    } catch (error) {
      if (error instanceof DamagedBytes || isUnreadable(error)) this.#setAside(hash, error);
      throw error;
    }
  }

  /**
   * From `start` to `end`, both included, of a blob that is read through first: a part cannot be verified by itself. `isGone`:
   * nobody waits for it any more.
   */
  async *readPart(
    hash: BlobHash,
    range: { readonly start: number; readonly end: number },
    isGone: () => boolean = () => false,
  ): AsyncGenerator<Uint8Array> {
    for await (const _piece of this.read(hash)) if (isGone()) return;
    yield* this.#pieces(hash, range);
  }

  /** As UTF-8, in pieces of whole characters. */
  async *readText(hash: BlobHash): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    for await (const piece of this.read(hash)) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  }

  #pieces(
    hash: BlobHash,
    range: { readonly start?: number; readonly end?: number } = {},
  ): AsyncIterable<Uint8Array> {
    return createReadStream(this.pathOf(hash), { ...range, highWaterMark: 256 * 1024 });
  }

  /** Under another name, so that it counts as absent and the same content can be stored again. */
  #setAside(hash: BlobHash, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    mkdirSync(join(this.folder, 'damaged'), { recursive: true, mode: 0o700 });
    try {
      renameSync(this.pathOf(hash), this.asidePathOf(hash));
    } catch {
      return; // another reader was quicker
    }
    this.#tellDamage(hash, reason);
  }

  async #reserve(length: number): Promise<Reservation | undefined> {
    const room = await this.#space.reserve(length);
    if (room !== undefined) return room;
    await this.#makeRoom();
    return this.#space.reserve(length);
  }

  async #write(
    draft: string,
    source: AsyncIterable<Uint8Array>,
    watchSpace: boolean,
    room: Reservation,
  ): Promise<{ readonly hash: BlobHash; readonly size: number }> {
    const sum = createHash('sha256');
    let size = 0;
    let checkAt: number = spaceCheckEvery;
    const space = this.#space;
    async function* counted(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
      for await (const piece of pieces) {
        sum.update(piece);
        size += piece.length;
        room.written(piece.length);
        if (watchSpace && size >= checkAt) {
          checkAt = size + spaceCheckEvery;
          if ((await space.left()) < 0) throw new OutOfSpace();
        }
        yield piece;
      }
    }
    await writeSparse(draft, counted(source), { mode: 0o600, flush: true });
    return { hash: blobHash(sum.digest('hex')), size };
  }

  /** Gives a finished draft its name. False when the content had it already. */
  async #publish(
    draft: string,
    { hash, keepFor }: { hash: BlobHash; keepFor: Millis },
  ): Promise<boolean> {
    const home = join(this.folder, hash.slice(0, 2));
    const made = await mkdir(home, { recursive: true, mode: 0o700 });
    const before = statSync(this.pathOf(hash), { throwIfNoEntry: false });
    // Before it has its name: nobody may see it with its time over.
    const until = Math.max(Date.now() + keepFor, before?.mtimeMs ?? 0) / 1000;
    await utimes(draft, until, until);
    // Over the one that is there, if there is one: this one is known to be right.
    await rename(draft, this.pathOf(hash));
    rmSync(this.asidePathOf(hash), { force: true });
    if (before) return false;
    // A name is on the disk once its folder is.
    await syncFolder(home);
    if (made !== undefined) await syncFolder(this.folder);
    return true;
  }

  #diskFull(): { readonly ok: false; readonly error: BlobRefusal } {
    const { error } = refuseFor('failed', 'disk-full', { folder: this.folder });
    return { ok: false, error: { ...error, diskFull: true } };
  }
}

class OutOfSpace extends Error {}

/** The disk says so itself. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EIO';

function isDiskFull(error: unknown): boolean {
  if (error instanceof OutOfSpace) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function brokenOff(error: unknown): { readonly ok: false; readonly error: BlobRefusal } {
  const what = error instanceof Error ? error.message : String(error);
  const { error: refusal } = refuse('failed', `the upload broke off (${what}); send it again.`);
  return { ok: false, error: { ...refusal, diskFull: false } };
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows has no such call
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
