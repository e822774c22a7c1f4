import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The checkout, or the folder a packaged program lies in: the nearest one above with a package.json. Looked for, since the code
 * that asks may lie in a bundle.
 */
export const projectRoot = above(import.meta.dirname);

function above(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const up = dirname(folder);
  if (up === folder) throw new Error('this program lies in no folder with a package.json');
  return above(up);
}
