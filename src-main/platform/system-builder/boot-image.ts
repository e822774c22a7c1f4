import { projectRoot } from '../../../shared/node/project-root.ts';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { basename, join } from 'node:path';
import { zstdCompressSync, constants } from 'node:zlib';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { buildAsRoot } from '../making-ready/as-root.ts';
import { ensureOsTools } from '../../../shared/node/os-packages.ts';
import { bootSystemTree } from './boot-system-tree.ts';
import type { OnProgress } from './build-progress.ts';
import { cachedStep } from './cached-step.ts';
import { carriedOf } from './carried.ts';
import { initramfsEntries, type ArchiveEntry } from './initramfs.ts';
import { buildMemberSystem } from './member-system.ts';
import { sourceDate } from './mmdebstrap.ts';
import { readFilesBelow, readRecipeFolder } from './recipe-folder.ts';
import { versionOf } from './recipe-version.ts';
import { buildRootTree } from './root-tree.ts';
import { sha256Hex } from '../../../shared/node/sha256-hex.ts';
import { runLines } from '../../../shared/node/run-lines.ts';

const bootFolder = join(projectRoot, 'assets', 'member-os', 'boot');
/** Raised when the builder itself makes another image of the same ingredients. */
const imageFormat = 4;

/** What PCs boot, before their lab's identity and the agent are appended. */
export interface BootImage {
  readonly version: string;
  /** Signed by Debian, as it came. */
  readonly kernel: string;
  /** The initramfs with the whole system in it. */
  readonly base: string;
  readonly sizes: BootImageSizes;
  /** When Debian's packages were fetched for it, and the release of its kernel; nobody knows of one that was kept by an older head. */
  readonly packagesAt?: number;
  readonly kernelRelease?: string;
}

/** Bytes. */
export interface BootImageSizes {
  readonly kernel: number;
  readonly initramfs: number;
  readonly system: number;
}

export interface BootImageOptions {
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
  /** src-main/core/boot-image/cpio.ts. */
  readonly encodeArchive: (entries: readonly ArchiveEntry[]) => Uint8Array;
}

const what = 'boot image';

/** Kernel and initramfs of the member system, out of the cache where they are there. */
export async function buildBootImage(options: BootImageOptions): Promise<Result<BootImage>> {
  const { cacheDir, onProgress } = options;
  const carried = await carriedOf('boot-image', cacheDir);
  if (carried !== undefined) return readCarriedImage(carried.folder);
  const system = await buildMemberSystem({ cacheDir, onProgress });
  if (!system.ok) return system;
  const recipe = await readRecipeFolder(bootFolder);
  if (!recipe.ok) return recipe;
  const kernel = await buildRootTree({
    name: 'member-kernel',
    what: 'kernel of the member system',
    folder: recipe.value,
    cacheDir,
    onProgress,
  });
  if (!kernel.ok) return kernel;

  const ingredients = (await readFilesBelow(bootFolder)).filter(
    ({ path }) => path !== 'recipe.json',
  );
  const trees = [system.value.version, kernel.value.version].map((version) => ({
    path: version,
    executable: false,
    content: Buffer.from(version),
  }));
  const version = versionOf(
    { files: [...ingredients, ...trees], architecture: arch() },
    imageFormat,
  );
  const made = await cachedStep({
    name: 'boot-image',
    what,
    version,
    cacheDir,
    onProgress,
    make: (into) =>
      makeImage(options, into, {
        version,
        system: system.value.path,
        kernel: kernel.value.path,
      }),
  });
  if (!made.ok) return made;
  const image = await readBootImage(made.value);
  if (!image.ok) return image;
  const { mtimeMs } = await stat(kernel.value.manifest);
  const [release] = await readdir(join(kernel.value.path, 'usr/lib/modules')).catch(() => []);
  return ok({
    ...{ ...image.value, packagesAt: Math.round(mtimeMs) },
    ...(release === undefined ? {} : { kernelRelease: release }),
  });
}

/** What a package says of the image that it carries, beside it. */
export const aboutFile = 'about.json';
const aboutSchema = z.object({
  packagesAt: z.number().optional(),
  kernelRelease: z.string().optional(),
});

async function readCarriedImage(folder: string): Promise<Result<BootImage>> {
  const image = await readBootImage(folder);
  if (!image.ok) return image;
  const text = await readFile(join(folder, aboutFile), 'utf8').catch(() => '{}');
  const about = decodeSafely(aboutSchema, JSON.parse(text));
  if (!about.success) return image;
  const { packagesAt, kernelRelease } = about.data;
  return ok({
    ...image.value,
    ...(packagesAt === undefined ? {} : { packagesAt }),
    ...(kernelRelease === undefined ? {} : { kernelRelease }),
  });
}

/** An image's folder, as it lies in the cache or is kept by a head. */
export async function readBootImage(folder: string): Promise<Result<BootImage>> {
  const [kernel, base] = [join(folder, 'vmlinuz'), join(folder, 'base.img')];
  try {
    const initramfs = (await stat(join(folder, 'initramfs.img'))).size;
    const sizes = {
      kernel: (await stat(kernel)).size,
      initramfs,
      system: (await stat(base)).size - initramfs,
    };
    return ok({ version: basename(folder), kernel, base, sizes });
  } catch {
    return refuse('not-found', `There is no boot image in ${folder}.`);
  }
}

async function makeImage(
  { encodeArchive, onProgress }: BootImageOptions,
  into: string,
  parts: { readonly version: string; readonly system: string; readonly kernel: string },
): Promise<Result<null>> {
  const tell = (fraction: number, line: string): void => onProgress({ step: what, fraction, line });
  if (process.getuid?.() !== 0) {
    return refuse('refused', `Building the ${what} needs root, once: run \`${buildAsRoot()}\`.`);
  }
  const tools = await ensureOsTools(['boot-image'], (line) => tell(0, line));
  if (!tools.ok) return tools;

  tell(0.02, 'Choosing drivers');
  const staged = await bootSystemTree({ ...parts, recipe: bootFolder, work: join(into, 'work') });
  if (!staged.ok) return staged;
  const { tree, kernelFile, initramfsModules } = staged.value;

  tell(0.2, 'Compressing the system');
  const squashed = join(into, 'system.squashfs');
  const ended = await runLines(
    ['mksquashfs', tree, squashed, '-comp', 'zstd', '-Xcompression-level', '22', '-b', '1M'].concat(
      ['-noappend', '-no-progress', '-quiet', '-no-exports', '-no-xattrs'],
    ) as [string],
    { environment: { SOURCE_DATE_EPOCH: String(sourceDate) } },
  );
  if (ended.code !== 0)
    return refuse('failed', `The system could not be compressed: ${ended.lastLines.join(' ')}`);

  tell(0.95, 'Packing the image');
  const content = await readFile(squashed);
  const initramfs = encodeArchive(
    await initramfsEntries({
      init: join(bootFolder, 'initramfs-init'),
      busybox: join(parts.kernel, 'usr', 'bin', 'busybox'),
      modules: initramfsModules,
      system: sha256Hex(content),
    }),
  );
  const system = encodeArchive([{ path: 'system.squashfs', mode: 0o100400, content }]);
  const small = padded(
    zstdCompressSync(initramfs, {
      params: { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
  );
  await writeFile(join(into, 'initramfs.img'), small);
  await writeFile(join(into, 'base.img'), Buffer.concat([small, system]));
  await writeFile(join(into, 'vmlinuz'), await readFile(kernelFile));
  await staged.value.dispose();
  tell(1, 'Done');
  return ok(null);
}

/** The kernel skips zeros between archives; each begins at a multiple of four. */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 512) * 512);
  whole.set(bytes);
  return whole;
}
