// Whoever follows a page to a file or another page finds it there.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../shared/node/project-root.ts';

const folders = ['node_modules', 'dist', 'out', 'coverage'];
const pages = globSync('**/*.md', {
  cwd: projectRoot,
  exclude: (path) => folders.includes(path),
});
const files = globSync('**/*', {
  cwd: projectRoot,
  exclude: (path) => folders.includes(path),
});
const textOf = (page: string): string => readFileSync(join(projectRoot, page), 'utf8');

/** Files of the project that a page names in `code`: with a folder and an ending, by their whole path or its last parts; not what is built. */
const namedFiles = (text: string): readonly string[] =>
  [...text.matchAll(/`(?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|svelte|md|json)`/g)]
    .map(([code]) => code.slice(1, -1))
    .filter((named) => !named.startsWith('dist/'));

const links = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

const isThere = (named: string): boolean =>
  files.some((file) => file === named || file.endsWith(`/${named}`));

test.each(pages)('%s names files and pages that are there', (page) => {
  const text = textOf(page);
  const here = join(projectRoot, dirname(page));
  expect([
    ...namedFiles(text).filter((named) => !isThere(named)),
    ...links(text).filter((target) => !existsSync(join(here, target))),
  ]).toEqual([]);
});

test('a file that is not there would be noticed', () => {
  const [named] = namedFiles('see `core/jobs/no-such-file.ts`');
  expect(named).toBe('core/jobs/no-such-file.ts');
  expect(isThere(named ?? '')).toBe(false);
  expect(links('a [page](docs/none.md#part) and [one outside](mailto:x@y)')).toEqual([
    'docs/none.md',
  ]);
});
