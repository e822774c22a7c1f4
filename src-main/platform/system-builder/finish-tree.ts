import {
  chmod,
  glob,
  lstat,
  lutimes,
  mkdir,
  readdir,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sourceDate } from './mmdebstrap.ts';
import type { RecipeFile } from './recipe-version.ts';

/**
 * What differs from build to build, what belongs to the building machine alone (its resolv.conf,
 * host name and mirror, which mmdebstrap copies in), and what must never be the same on two
 * machines (SSH host keys).
 */
export const volatileFiles: readonly string[] = [
  'dev/*',
  'etc/.pwd.lock',
  'etc/apt/sources.list',
  'etc/apt/sources.list.d/*',
  'etc/dpkg/dpkg.cfg.d/99mmdebstrap',
  'etc/hostname',
  'etc/resolv.conf',
  'etc/ssh/ssh_host_*',
  'etc/{group,gshadow,passwd,shadow,subgid,subuid}-',
  'run/*',
  'tmp/*',
  'var/cache/apt/*',
  'var/cache/debconf/*-old',
  'var/cache/ldconfig/aux-cache',
  'var/lib/apt/lists/*',
  'var/lib/dpkg/*-old',
  'var/lib/dpkg/lock*',
  'var/log/*',
];

export async function removeFromTree(tree: string, globs: readonly string[]): Promise<void> {
  for await (const path of glob([...globs], { cwd: tree })) {
    await rm(join(tree, path), { recursive: true, force: true });
  }
  // It must exist and be empty, or programs take one machine for another.
  await truncate(join(tree, 'etc/machine-id')).catch(() => undefined);
}

/** Modes are ours, not those of somebody's checkout or umask: tasks of another user read these files. */
export async function layFilesOver(tree: string, files: readonly RecipeFile[]): Promise<void> {
  for (const { path, executable, content } of files) {
    const target = join(tree, path);
    await makeTreeFolder(dirname(target));
    await rm(target, { force: true }); // never through a link
    await writeFile(target, content);
    await chmod(target, executable ? 0o755 : 0o644);
  }
}

/** With those above it that are missing; everybody may look into them. */
export async function makeTreeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

/**
 * Sets whatever was written since `since` (epoch milliseconds) to the source date. Files that came
 * out of a package keep their own time, which Python's compiled modules check.
 */
export async function settleTimes(folder: string, since: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await lstat(path);
    if (found.isDirectory()) await settleTimes(path, since);
    if (found.mtimeMs >= since) await lutimes(path, sourceDate, sourceDate);
  }
}
