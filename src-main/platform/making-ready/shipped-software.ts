import { readdirSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readRecipeFolder } from '../system-builder/recipe-folder.ts';
import { shippedPack } from '../system-builder/software-pack.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

export interface SoftwareView {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  readonly description: string;
}

export function shippedPackNames(): readonly string[] {
  return readdirSync(dirname(shippedPack('base')), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Packs whose recipes come with Nightshift. A version is named when one has been built on this machine. */
export async function shippedSoftware(cacheDir: string): Promise<SoftwareView[]> {
  const folder = dirname(shippedPack('base'));
  return Promise.all(
    shippedPackNames().map((name) => describe(join(folder, name), name, cacheDir)),
  );
}

async function describe(recipe: string, name: string, cacheDir: string): Promise<SoftwareView> {
  const built = await newestIn(join(cacheDir, `software-${name}`));
  return {
    name,
    version: built?.version ?? 'not built yet',
    bytes: built?.bytes ?? 0,
    description: await packagesOf(recipe),
  };
}

async function newestIn(
  folder: string,
): Promise<{ readonly version: string; readonly bytes: number } | undefined> {
  const names = await readdir(folder).catch(() => []);
  const versions = await Promise.all(
    names
      .filter((name) => /^[0-9a-f]{16}$/.test(name))
      .map(async (version) => ({
        version,
        usedAt: (await stat(join(folder, version))).mtimeMs,
        bytes: await sizeFrom(join(folder, version, 'manifest')),
      })),
  );
  return versions.sort((a, b) => b.usedAt - a.usedAt)[0];
}

/** The manifest of a built tree says mode, size, time and path of each entry. */
async function sizeFrom(manifest: string): Promise<number> {
  const text = await readFile(manifest, 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => Number(line.split('\t')[1] ?? 0))
    .reduce((sum, size) => sum + size, 0);
}

async function packagesOf(folderPath: string): Promise<string> {
  const folder = await readRecipeFolder(folderPath);
  if (!folder.ok) return refusalWords(folder.error);
  const { suite, packages } = folder.value.recipe;
  return `Debian ${suite} with ${packages.join(', ')}`;
}
