import { join } from 'node:path';
import { projectRoot } from '../../../shared/node/project-root.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { OnProgress } from './build-progress.ts';
import { readRecipeFolder } from './recipe-folder.ts';
import { buildRootTree, type BuiltTree } from './root-tree.ts';

/** The recipe of a pack that comes with Nightshift, such as `base`. */
export const shippedPack = (name: string): string => join(projectRoot, 'assets', 'software', name);

export interface SoftwarePackOptions {
  /** The recipe's folder; its name is the pack's name. */
  readonly recipe: string;
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
}

/** The tree of a software pack, out of the cache where it is there. */
export async function buildSoftwarePack(options: SoftwarePackOptions): Promise<Result<BuiltTree>> {
  const folder = await readRecipeFolder(options.recipe);
  if (!folder.ok) return folder;
  const { name } = folder.value;
  return buildRootTree({
    name: `software-${name}`,
    what: `software pack ${name}`,
    folder: folder.value,
    cacheDir: options.cacheDir,
    onProgress: options.onProgress,
  });
}
