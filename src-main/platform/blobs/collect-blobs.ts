import { statSync, unlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { formatSize, type Millis } from '../../../shared/base/units.ts';
import { blobHash, type BlobHash } from '../../../shared/domain/ids.ts';
import type { Clock, Disposable } from '../../../shared/ports/clock.ts';
import type { BlobStore } from './blob-store.ts';

/** So many are looked at between two pauses in which the head can answer others. */
const batch = 64;

/**
 * Removes blobs that nothing refers to and whose time is over. `referenced` is asked again for every batch, in the
 * very turn of the event loop in which the files go: a job submitted meanwhile keeps its inputs.
 */
export async function collectBlobs(
  store: BlobStore,
  referenced: () => { has(hash: BlobHash): boolean },
): Promise<{ readonly removed: number; readonly bytes: number }> {
  let removed = 0;
  let bytes = 0;
  const { folder } = store;
  const shelves = (await readdir(folder)).filter((name) => /^([0-9a-f]{2}|damaged)$/.test(name));
  const known = referenced();
  for (const shelf of shelves) {
    const candidates = (await readdir(join(folder, shelf)))
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map(blobHash)
      .filter((hash) => !known.has(hash));
    for (let first = 0; first < candidates.length; first += batch) {
      const needed = referenced();
      for (const hash of candidates.slice(first, first + batch)) {
        const path = shelf === 'damaged' ? store.asidePathOf(hash) : store.pathOf(hash);
        const facts = statSync(path, { throwIfNoEntry: false });
        if (facts === undefined || needed.has(hash) || facts.mtimeMs > Date.now()) continue;
        unlinkSync(path);
        removed += 1;
        bytes += facts.size;
      }
      await setImmediate();
    }
  }
  return { removed, bytes };
}

export interface Collecting {
  readonly clock: Clock;
  /** The first collection is one such span away, too. */
  readonly every: Millis;
  log(line: string): void;
}

/** Collects from time to time, and at once when an upload finds the disk full. */
export function keepCollecting(
  store: BlobStore,
  referenced: () => { has(hash: BlobHash): boolean },
  collecting: Collecting,
): Disposable {
  const { clock, every } = collecting;
  const log = (line: string): void => collecting.log(line);
  let next: Disposable;
  let running: Promise<void> | undefined;
  let mayCollect = false;
  let isOver = false;
  const collect = async (): Promise<void> => {
    try {
      const { removed, bytes } = await collectBlobs(store, referenced);
      if (removed > 0)
        log(`${removed} blobs that nothing needs any more: ${formatSize(bytes)} freed`);
    } catch (error) {
      log(`blobs were not collected: ${String(error)}`);
    }
  };
  const collectOnce = (): Promise<void> =>
    (running ??= collect().finally(() => (running = undefined)));
  const wait = (): void => {
    next = clock.after('collect blobs', every, () => {
      mayCollect = true;
      void collectOnce().then(() => {
        if (!isOver) wait();
      });
    });
  };
  wait();
  store.onFull(async () => {
    if (mayCollect && !isOver) await collectOnce();
  });
  return {
    dispose: () => {
      isOver = true;
      next.dispose();
    },
  };
}
