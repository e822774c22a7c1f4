import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { RecipeFile } from './recipe-version.ts';
import { decodeRecipe, type TreeRecipe } from './tree-recipe.ts';

export interface RecipeFolder {
  /** The folder's own name. */
  readonly name: string;
  readonly recipe: TreeRecipe;
  /** The recipe itself and `files/`: all that shapes the tree. */
  readonly all: readonly RecipeFile[];
  /** What lies in `files/`, with paths as in the tree. */
  readonly files: readonly RecipeFile[];
}

export async function readRecipeFolder(folder: string): Promise<Result<RecipeFolder>> {
  const name = basename(folder);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(folder, 'recipe.json'), 'utf8'));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return refuse('not-found', `There is no usable recipe.json in ${folder}: ${cause}.`);
  }
  const recipe = decodeRecipe(value, name);
  if (!recipe.ok) return recipe;
  const all = (await readFilesBelow(folder)).filter(
    ({ path }) => path === 'recipe.json' || path.startsWith('files/'),
  );
  const files = all
    .filter(({ path }) => path.startsWith('files/'))
    .map((file) => ({ ...file, path: file.path.slice('files/'.length) }));
  return ok({ name, recipe: recipe.value, all, files });
}

/** Every file, with its path below the folder. */
export async function readFilesBelow(folder: string): Promise<readonly RecipeFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<RecipeFile> => {
        const file = join(entry.parentPath, entry.name);
        const executable = ((await stat(file)).mode & 0o100) !== 0;
        return {
          path: file.slice(folder.length + 1).replaceAll('\\', '/'),
          executable,
          content: await readFile(file),
        };
      }),
  );
}
