import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { ensureOsTools } from '../os-tools.ts';
import type { OnProgress } from './build-progress.ts';
import { cachedStep } from './cached-step.ts';
import { sourceDate } from './mmdebstrap.ts';
import { runLines } from './run-lines.ts';
import { buildSoftwarePack, shippedPack } from './software-pack.ts';

/** The shipped software pack as one squashfs, for members that do not carry it. Needs root where it is not in the cache. */
export async function buildPackImage(options: {
  readonly name: string;
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
}): Promise<Result<string>> {
  const { name, cacheDir, onProgress } = options;
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
          ...(['mksquashfs', pack.value.path, join(into, 'pack.squashfs')] as const),
          ...['-comp', 'zstd', '-Xcompression-level', '12', '-b', '256K'],
          ...['-noappend', '-no-progress', '-quiet', '-no-exports', '-no-xattrs'],
        ],
        { environment: { SOURCE_DATE_EPOCH: String(sourceDate) } },
      );
      if (ended.code === 0) return ok(null);
      return refuse('failed', `The ${what} could not be made: ${ended.lastLines.join(' ')}`);
    },
  });
  return built.ok ? ok(join(built.value, 'pack.squashfs')) : built;
}
