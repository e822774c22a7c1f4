import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../../shared/node/project-root.ts';
import { packagesOf } from './packages-of.ts';

/** Where a package has what a checkout builds: `<name>/<version>` as in the cache. A checkout has none. */
export const carriedFolder = join(projectRoot, 'carried');

export interface Carried {
  readonly folder: string;
  readonly version: string;
}

/**
 * What a package carries of this name, for heads that cannot build it (Windows, macOS, users without rights) or need not.
 * Undefined where there is none, and once this machine was asked for newer packages of Debian: it builds its own from then on.
 */
export async function carriedOf(
  name: string,
  cacheDir: string,
  root = carriedFolder,
): Promise<Carried | undefined> {
  const [version] = await readdir(join(root, name)).catch(() => []);
  if (version === undefined || (await packagesOf(cacheDir)) !== undefined) return undefined;
  return { folder: join(root, name, version), version };
}
