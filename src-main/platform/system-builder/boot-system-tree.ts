import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { layFilesOver, makeTreeFolder, removeFromTree, settleTimes } from './finish-tree.ts';
import {
  decodeModuleWish,
  firmwareOf,
  parseModuleDependencies,
  selectModules,
} from './kernel-modules.ts';
import { readFilesBelow } from './recipe-folder.ts';
import { runLines } from '../../../shared/node/run-lines.ts';

export interface BootSystemTree {
  /** The member system with drivers, firmware and the first programs, ready to be compressed. */
  readonly tree: string;
  readonly kernelFile: string;
  /** Files of the modules that the initramfs loads, in that order. */
  readonly initramfsModules: readonly string[];
  dispose(): Promise<void>;
}

export interface BootSystemParts {
  readonly version: string;
  /** Trees in the cache; nothing is written there. */
  readonly system: string;
  readonly kernel: string;
  /** assets/member-os/boot. */
  readonly recipe: string;
  /** An empty place to work in. */
  readonly work: string;
}

const leaveOutSchema = z.array(z.string().min(1));
/** Folder → names. */
const appletsSchema = z.record(z.string(), z.array(z.string().min(1)));
/** What busybox looks in for modules; depmod makes more, for others. */
const moduleLists: readonly string[] = [
  'modules.alias',
  'modules.builtin',
  'modules.dep',
  'modules.symbols',
];
/** The initramfs puts it there when a PC starts, so that it is in the image only once. */
const busybox = '/usr/lib/nightshift/busybox';

export async function bootSystemTree(parts: BootSystemParts): Promise<Result<BootSystemTree>> {
  const { kernel, recipe, work } = parts;
  const tree = join(work, 'tree');
  const since = Math.floor(Date.now() / 1000) * 1000;
  await mkdir(work);
  const owned = await runLines(['cp', '--archive', '--no-target-directory', parts.system, tree]);
  if (owned.code !== 0)
    return refuse('failed', `The member system could not be copied: ${owned.lastLines.join(' ')}`);
  await removeFromTree(tree, leaveOutSchema.parse(await readJson(join(recipe, 'leave-out.json'))));
  const applets = appletsSchema.parse(await readJson(join(recipe, 'applets.json')));
  for (const [folder, names] of Object.entries(applets))
    for (const name of names) await symlink(busybox, join(tree, folder, name));

  const release = (await readdir(join(kernel, 'usr', 'lib', 'modules')))[0];
  if (release === undefined) return refuse('failed', 'The kernel came without modules.');
  const modules = await addModules(parts, tree, release);
  if (!modules.ok) return modules;

  const files = await readFilesBelow(join(recipe, 'system'));
  await layFilesOver(tree, files);
  await layFilesOver(tree, [
    {
      path: 'etc/nightshift/version',
      executable: false,
      content: Buffer.from(`${parts.version}\n`),
    },
    { path: 'packs/.keep', executable: false, content: Buffer.from('') },
  ]);
  await settleTimes(tree, since);
  return ok({
    tree,
    kernelFile: join(kernel, 'boot', `vmlinuz-${release}`),
    initramfsModules: modules.value,
    dispose: () => rm(work, { recursive: true, force: true }),
  });
}

/** Drivers unpacked, since the whole is compressed once more, and the firmware they name. */
async function addModules(
  { kernel, recipe, work }: BootSystemParts,
  tree: string,
  release: string,
): Promise<Result<readonly string[]>> {
  const wish = decodeModuleWish(await readJson(join(recipe, 'modules.json')));
  if (!wish.ok) return wish;
  const all = join(work, 'all');
  await mkdir(all);
  // depmod looks in /lib, which only a whole Debian has as a link to /usr/lib.
  await symlink(join(kernel, 'usr', 'lib'), join(all, 'lib'));
  const dependencies: string[] = [];
  const listed = await runLines(['depmod', '--dry-run', '--basedir', all, release], {
    onLine: (line) => {
      if (line.startsWith('kernel/')) dependencies.push(line);
    },
  });
  if (listed.code !== 0)
    return refuse('failed', `depmod failed: ${listed.lastLines.slice(-1).join('')}`);
  const selection = selectModules(wish.value, parseModuleDependencies(dependencies.join('\n')));
  if (!selection.ok) return selection;

  const from = join(kernel, 'usr', 'lib', 'modules', release);
  const into = join(tree, 'usr', 'lib', 'modules', release);
  const fileOf = (module: string): string => join(into, 'kernel', `${module}.ko`);
  for (const module of selection.value.modules) {
    await makeTreeFolder(dirname(fileOf(module)));
    await copyFile(join(from, 'kernel', `${module}.ko.xz`), `${fileOf(module)}.xz`);
  }
  const packed = selection.value.modules.map((module) => `${fileOf(module)}.xz`);
  const unpacked = await runLines(['xz', '--decompress', ...packed]);
  if (unpacked.code !== 0)
    return refuse('failed', `xz failed: ${unpacked.lastLines.slice(-1).join('')}`);
  for (const name of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'])
    await copyFile(join(from, name), join(into, name));
  await symlink(join(tree, 'usr', 'lib'), join(work, 'lib'));
  const indexed = await runLines(['depmod', '--basedir', work, release]);
  if (indexed.code !== 0)
    return refuse('failed', `depmod failed: ${indexed.lastLines.slice(-1).join('')}`);
  for (const name of await readdir(into))
    if (name.startsWith('modules.') && !moduleLists.includes(name)) await rm(join(into, name));

  await addFirmware(kernel, tree, selection.value.modules.map(fileOf));
  return ok(selection.value.initramfs.map(fileOf));
}

async function addFirmware(
  kernel: string,
  tree: string,
  modules: readonly string[],
): Promise<void> {
  for (const module of modules) {
    for (const name of firmwareOf(await readFile(module))) {
      const source = join(kernel, 'usr', 'lib', 'firmware', name);
      if (!existsSync(source)) continue; // drivers name more than Debian has, and do without
      const target = join(tree, 'usr', 'lib', 'firmware', name);
      await makeTreeFolder(dirname(target));
      await copyFile(source, target);
    }
  }
}

const readJson = async (path: string): Promise<unknown> =>
  JSON.parse(await readFile(path, 'utf8')) as unknown;
