import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One entry of a tree: `path`, then what changes when anything writes to it. */
type Entry = readonly [path: string, mode: string, size: number, modified: number];

/** Every entry below `tree`, in a fixed order. A folder's size is left out: file systems differ. */
async function listTree(tree: string, below = ''): Promise<readonly Entry[]> {
  const names = (await readdir(join(tree, below))).sort();
  const parts = await Promise.all(
    names.map(async (name): Promise<readonly Entry[]> => {
      const path = below === '' ? name : `${below}/${name}`;
      const found = await lstat(join(tree, path));
      const size = found.isDirectory() ? 0 : found.size;
      const own: Entry = [path, found.mode.toString(8), size, Math.floor(found.mtimeMs)];
      return found.isDirectory() ? [own, ...(await listTree(tree, path))] : [own];
    }),
  );
  return parts.flat();
}

const lineOf = ([path, ...facts]: Entry): string => `${facts.join('\t')}\t${JSON.stringify(path)}`;

/** Writes down what the tree looks like: mode, size, time of change and path, one entry a line. */
export async function writeTreeManifest(tree: string, manifest: string): Promise<void> {
  const lines = (await listTree(tree)).map(lineOf);
  await writeFile(manifest, `${lines.join('\n')}\n`);
}

/** The lines that differ, `-` as written down and `+` as it is now; none when nothing wrote there. */
export async function treeChanges(tree: string, manifest: string): Promise<readonly string[]> {
  const written = (await readFile(manifest, 'utf8')).split('\n').filter((line) => line !== '');
  const now = (await listTree(tree)).map(lineOf);
  const [before, after] = [new Set(written), new Set(now)];
  return [
    ...written.filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ];
}
