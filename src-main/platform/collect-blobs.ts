import { statSync, unlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { blobHash, type BlobHash } from '../../shared/domain/ids.ts';
import type { BlobStore } from './blob-store.ts';

/** So many are looked at between two pauses in which the head can answer others. */
const batch = 64;

/**
 * Removes blobs that nothing refers to and whose time is over. `referenced` is asked again for every batch, in the
 * very turn of the event loop in which the files go: a job submitted meanwhile keeps its inputs.
 */
export async function collectBlobs(
  store: BlobStore,
  referenced: () => ReadonlySet<BlobHash>,
): Promise<{ readonly removed: number; readonly bytes: number }> {
  let removed = 0;
  let bytes = 0;
  const { folder } = store;
  const shelves = (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  const known = referenced();
  for (const shelf of shelves) {
    const candidates = (await readdir(join(folder, shelf)))
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map(blobHash)
      .filter((hash) => !known.has(hash));
    for (let first = 0; first < candidates.length; first += batch) {
      const needed = referenced();
      for (const hash of candidates.slice(first, first + batch)) {
        const path = store.pathOf(hash);
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
