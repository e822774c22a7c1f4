import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { blobHash, type BlobHash } from '../../../shared/domain/ids.ts';
import { ensureOsTools } from '../../../shared/node/os-packages.ts';
import type { OnProgress } from './build-progress.ts';
import { cachedStep } from './cached-step.ts';
import { carriedOf } from './carried.ts';
import { sourceDate } from './mmdebstrap.ts';
import { runLines } from '../../../shared/node/run-lines.ts';
import { buildSoftwarePack, shippedPack } from './software-pack.ts';

export interface PackImage {
  /** Its folder in the cache holds nothing else. */
  readonly folder: string;
  readonly path: string;
  /** As it was when it was made. */
  readonly hash: BlobHash;
}

/** The shipped software pack as one squashfs, for members that do not carry it. Needs root where it is not in the cache. */
export async function buildPackImage(options: {
  readonly name: string;
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
}): Promise<Result<PackImage>> {
  const { name, cacheDir, onProgress } = options;
  const carried = await carriedOf(`software-image-${name}`, cacheDir);
  if (carried !== undefined) return ok(await imageIn(carried.folder));
  const pack = await buildSoftwarePack({ recipe: shippedPack(name), cacheDir, onProgress });
  if (!pack.ok) return pack;
  const what = `image of the software pack ${name}`;
  const built = await cachedStep({
    name: `software-image-${name}`,
    what,
    version: pack.value.version,
    cacheDir,
    onProgress,
    make: async (into) => {
      const tools = await ensureOsTools(['boot-image'], (line) => onProgress({ step: what, line }));
      if (!tools.ok) return tools;
      onProgress({ step: what, line: 'Compressing' });
      // Level 12 of 22: half a minute on two cores, and a twentieth larger than the best.
      const ended = await runLines(
        [
          ...(['mksquashfs', pack.value.path, join(into, image)] as const),
          ...['-comp', 'zstd', '-Xcompression-level', '12', '-b', '256K'],
          ...['-noappend', '-no-progress', '-quiet', '-no-exports', '-no-xattrs'],
        ],
        { environment: { SOURCE_DATE_EPOCH: String(sourceDate) } },
      );
      if (ended.code === 0) {
        await writeFile(join(into, hashFile), await hashOf(join(into, image)));
        return ok(null);
      }
      return refuse('failed', `The ${what} could not be made: ${ended.lastLines.join(' ')}`);
    },
  });
  if (!built.ok) return built;
  return ok(await imageIn(built.value));
}

async function imageIn(folder: string): Promise<PackImage> {
  const path = join(folder, image);
  // One that an earlier version made has no such file beside it.
  const noted = await readFile(join(folder, hashFile), 'utf8').catch(() => hashOf(path));
  return { folder, path, hash: blobHash(noted) };
}

const image = 'pack.squashfs';
const hashFile = 'pack.sha256';

async function hashOf(path: string): Promise<string> {
  const sum = createHash('sha256');
  await pipeline(createReadStream(path), sum);
  return sum.digest('hex');
}
