import { projectRoot } from '../../../shared/node/project-root.ts';
import { copyFile, rm, stat } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { buildAsRoot } from '../making-ready/as-root.ts';
import { ensureOsTools } from '../../../shared/node/os-packages.ts';
import type { OnProgress } from './build-progress.ts';
import { cachedStep } from './cached-step.ts';
import { carriedOf } from './carried.ts';
import { runMmdebstrap } from './mmdebstrap.ts';
import { packagesOf } from './packages-of.ts';
import { readRecipeFolder, type RecipeFolder } from './recipe-folder.ts';
import { versionOf } from './recipe-version.ts';
import { runLines } from '../../../shared/node/run-lines.ts';

const recipeFolder = join(projectRoot, 'assets', 'boot-loaders');
const what = 'boot loaders';
/** Raised when other files are taken or GRUB's cores are put together in another way. */
const loadersFormat = 4;

/** Files as they lie in the cache. */
export interface BootLoaders {
  readonly version: string;
  readonly shim: string;
  readonly mokManager: string;
  readonly grub: string;
  readonly boot: string;
  readonly stickCore: string;
  readonly floppyCore: string;
  readonly ipxe: string;
  /** For network boot: the GRUB that knows it, and iPXE as a BIOS fetches it. */
  readonly networkGrub: string;
  readonly networkIpxe: string;
}

const taken = {
  shim: ['shimx64.efi', 'usr/lib/shim/shimx64.efi.signed'],
  mokManager: ['mmx64.efi', 'usr/lib/shim/mmx64.efi.signed'],
  grub: ['grubx64.efi', 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'],
  boot: ['boot.img', 'usr/lib/grub/i386-pc/boot.img'],
  ipxe: ['ipxe.lkrn', 'usr/lib/ipxe/ipxe.lkrn'],
  networkGrub: ['grubnetx64.efi', 'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed'],
  networkIpxe: ['undionly.kpxe', 'usr/lib/ipxe/undionly.kpxe'],
} as const;

/** What the menus call: they set variables, compare the clock (datehook), load a kernel or leave. */
const menuModules =
  'biosdisk fat normal configfile test echo sleep datehook serial terminal halt reboot minicmd';
const cores = {
  // The first partition of the drive that the BIOS booted, whatever its number is.
  stickCore: {
    file: 'stick-core.img',
    prefix: '(,msdos1)/boot/grub',
    // Below, what tells a readable partition from BitLocker's, and starts a PC's own disk.
    modules: `${menuModules} part_msdos linux search search_label probe regexp ext2 ntfs exfat xfs btrfs f2fs chain drivemap loopback hashsum gcry_sha256`,
  },
  floppyCore: {
    file: 'floppy-core.img',
    prefix: '(fd0)/boot/grub',
    modules: `${menuModules} linux16`,
  },
} as const;

/** The programs before the kernel, out of the cache where they are there. */
export async function buildBootLoaders(options: {
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
}): Promise<Result<BootLoaders>> {
  const { cacheDir, onProgress } = options;
  const carried = await carriedOf('boot-loaders', cacheDir);
  if (carried !== undefined) return ok(loadersIn(carried.folder, carried.version));
  const recipe = await readRecipeFolder(recipeFolder);
  if (!recipe.ok) return recipe;
  const packages = await packagesOf(cacheDir);
  const version = versionOf(
    {
      ...{ files: recipe.value.all, architecture: arch() },
      ...(packages === undefined ? {} : { packages }),
    },
    loadersFormat,
  );
  const made = await cachedStep({
    name: 'boot-loaders',
    what,
    version,
    cacheDir,
    onProgress,
    make: (into) => makeLoaders(recipe.value, into, onProgress),
  });
  if (!made.ok) return made;
  return ok(loadersIn(made.value, version));
}

function loadersIn(folder: string, version: string): BootLoaders {
  const at = (name: string): string => join(folder, name);
  return {
    version,
    shim: at(taken.shim[0]),
    mokManager: at(taken.mokManager[0]),
    grub: at(taken.grub[0]),
    boot: at(taken.boot[0]),
    stickCore: at(cores.stickCore.file),
    floppyCore: at(cores.floppyCore.file),
    ipxe: at(taken.ipxe[0]),
    networkGrub: at(taken.networkGrub[0]),
    networkIpxe: at(taken.networkIpxe[0]),
  };
}

async function makeLoaders(
  { recipe }: RecipeFolder,
  into: string,
  onProgress: OnProgress,
): Promise<Result<null>> {
  if (process.platform !== 'linux') {
    return refuse('refused', `Only a head on Linux can fetch the ${what}.`);
  }
  if (process.getuid?.() !== 0) {
    return refuse('refused', `Fetching the ${what} needs root, once: run \`${buildAsRoot()}\`.`);
  }
  const tools = await ensureOsTools(['system-builder'], (line) => onProgress({ step: what, line }));
  if (!tools.ok) return tools;
  const tree = join(into, 'tree');
  const fetched = await runMmdebstrap(recipe, tree, {
    what,
    mirror: process.env['NIGHTSHIFT_DEBIAN_MIRROR'],
    onProgress: ({ fraction, line }) => onProgress({ step: what, fraction, line }),
  });
  if (!fetched.ok) return fetched;
  for (const [name, source] of Object.values(taken)) {
    await copyFile(join(tree, source), join(into, name));
  }
  for (const core of Object.values(cores)) {
    const made = await runLines([
      ...(await programOf(tree, 'usr/bin/grub-mkimage')),
      ...['--directory', join(tree, 'usr/lib/grub/i386-pc'), '--format', 'i386-pc'],
      ...['--prefix', core.prefix, '--output', join(into, core.file)],
      ...core.modules.split(' '),
    ]);
    if (made.code !== 0) {
      return refuse('failed', `GRUB could not be put together: ${made.lastLines.join(' ')}`);
    }
  }
  await rm(tree, { recursive: true });
  return ok(null);
}

/** A program of the tree with the tree's own libraries: this machine's may be older. */
async function programOf(tree: string, path: string): Promise<readonly [string, ...string[]]> {
  const usual = join(tree, 'lib64', 'ld-linux-x86-64.so.2');
  const loader = await stat(usual).then(
    () => usual,
    () => join(tree, 'usr', 'lib64', 'ld-linux-x86-64.so.2'),
  );
  return [loader, '--library-path', join(tree, 'usr/lib/x86_64-linux-gnu'), join(tree, path)];
}
