import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { projectRoot } from '../../scripts/project-node.mjs';
import type { SourceFile } from './rules.ts';

const skipped = ['node_modules', 'dist', 'out', 'coverage', '.git', '.svelte-check'];
const text = /(\.(ts|mjs|js|cjs|svelte|json|md|sh|yml|yaml|html|css|svg|conf|cfg|toml|txt)|run)$/;

/** Every text file of the project that is written by hand (and the lock file), by posix path. */
export function readProjectFiles(): readonly SourceFile[] {
  return globSync('**/*', {
    cwd: projectRoot,
    exclude: (entry) => skipped.includes(typeof entry === 'string' ? entry : entry.name),
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile() && text.test(entry.name))
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name);
      const path = absolute.slice(projectRoot.length + 1).replaceAll(sep, '/');
      return { path, text: readFileSync(absolute, 'utf8') };
    });
}
