// What a package brings so that its heads need not build it: the boot image, the boot loaders and the software pack.
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ok, type Result } from '../shared/base/result.ts';
import { systemCacheDir } from '../shared/domain/system-cache.ts';
import { encodeCpio } from '../src-main/core/boot-image/cpio.ts';
import { aboutFile, buildBootImage } from '../src-main/platform/system-builder/boot-image.ts';
import { buildBootLoaders } from '../src-main/platform/system-builder/boot-loaders.ts';
import { buildPackImage } from '../src-main/platform/system-builder/pack-image.ts';

/**
 * Copies them into the folder, made if need be. They are built by root on Linux; elsewhere what such a machine has left there is
 * taken, and without it the answer is why the package has none.
 */
export async function carryImages(
  into: string,
  tell: (line: string) => void,
): Promise<Result<string | null>> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return ok(
      existsSync(into)
        ? null
        : `it carries no boot image, which only root on Linux can make; copy ${into} from there first`,
    );
  }
  const options = {
    cacheDir: systemCacheDir(process.env),
    onProgress: ({ step, line }: { readonly step: string; readonly line: string }) =>
      tell(`${step}: ${line}`),
  };
  const image = await buildBootImage({ ...options, encodeArchive: encodeCpio });
  if (!image.ok) return image;
  const loaders = await buildBootLoaders(options);
  if (!loaders.ok) return loaders;
  const pack = await buildPackImage({ ...options, name: 'base' });
  if (!pack.ok) return pack;
  await rm(into, { recursive: true, force: true });
  const copied = async (name: string, from: string): Promise<string> => {
    const folder = join(into, name, basename(from));
    await mkdir(folder, { recursive: true });
    // What only the building needed stays behind.
    const filter = (path: string): boolean => basename(path) !== 'system.squashfs';
    await cp(from, folder, { recursive: true, preserveTimestamps: true, filter });
    return folder;
  };
  const folder = await copied('boot-image', dirname(image.value.kernel));
  const { packagesAt, kernelRelease } = image.value;
  await writeFile(join(folder, aboutFile), JSON.stringify({ packagesAt, kernelRelease }));
  await copied('boot-loaders', dirname(loaders.value.shim));
  await copied('software-image-base', pack.value.folder);
  return ok(null);
}
