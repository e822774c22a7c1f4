import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecipeFolder } from '../../../src-main/platform/system-builder/recipe-folder.ts';
import {
  versionOf,
  type TreeIngredients,
} from '../../../src-main/platform/system-builder/recipe-version.ts';
import { shippedPack } from '../../../src-main/platform/system-builder/software-pack.ts';
import { decodeRecipe } from '../../../src-main/platform/system-builder/tree-recipe.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const recipeJson = { path: 'recipe.json', executable: false, content: text('{}') };
const hostname = { path: 'files/etc/hostname', executable: false, content: text('nightshift\n') };
const ingredients: TreeIngredients = {
  files: [recipeJson, hostname],
  architecture: 'x64',
  node: '24.21.0',
};

describe('the version of a tree', () => {
  it('is the same for the same ingredients, in whatever order the disk lists them', () => {
    const reordered = { ...ingredients, files: [hostname, recipeJson] };
    expect(versionOf(reordered)).toBe(versionOf(ingredients));
    expect(versionOf(ingredients)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('does not change with what a README says', () => {
    const readme = { path: 'README.md', executable: false, content: text('why') };
    const described = { ...ingredients, files: [...ingredients.files, readme] };
    expect(versionOf(described)).toBe(versionOf(ingredients));
  });

  it.each<[string, TreeIngredients]>([
    [
      'a changed file',
      { ...ingredients, files: [recipeJson, { ...hostname, content: text('x') }] },
    ],
    ['a moved file', { ...ingredients, files: [recipeJson, { ...hostname, path: 'files/x' }] }],
    ['a new mode', { ...ingredients, files: [recipeJson, { ...hostname, executable: true }] }],
    ['one file less', { ...ingredients, files: [recipeJson] }],
    ['another Node', { ...ingredients, node: '24.22.0' }],
    ['no Node', { files: ingredients.files, architecture: 'x64' }],
    ['another architecture', { ...ingredients, architecture: 'arm64' }],
  ])('is another one with %s', (_what, changed) => {
    expect(versionOf(changed)).not.toBe(versionOf(ingredients));
  });

  it('is another one when the builder changes its ways', () => {
    expect(versionOf(ingredients, 2)).not.toBe(versionOf(ingredients, 1));
  });
});

describe('a recipe', () => {
  const good = {
    suite: 'trixie',
    variant: 'essential',
    packages: ['criu', 'libstdc++6'],
    withoutPaths: ['/usr/share/man/*'],
    butWithPaths: [],
    remove: [],
  };

  it('is taken as it stands', () => {
    expect(decodeRecipe(good, 'base')).toEqual({ ok: true, value: good });
  });

  it.each([
    ['a package that is an option', { ...good, packages: ['--setup-hook=x'] }, '$.packages.0'],
    ['two packages in one', { ...good, packages: ['a1,b2'] }, '$.packages.0'],
    ['a path that leads out of the tree', { ...good, remove: ['../../etc/*'] }, '$.remove.0'],
    ['an absolute path to remove', { ...good, remove: ['/etc/*'] }, '$.remove.0'],
    ['a Node outside the tree', { ...good, node: 'usr/../../node' }, '$.node'],
    ['a word it does not know', { ...good, pakages: [] }, 'pakages'],
    ['nothing', null, '$'],
  ])('with %s is refused by naming the place', (_what, value, place) => {
    const decoded = decodeRecipe(value, 'base');
    expect(decoded.ok).toBe(false);
    expect(!decoded.ok && refusalWords(decoded.error)).toContain(place);
  });

  it('that we ship can be read', async () => {
    const assets = join(import.meta.dirname, '../../../assets');
    const packs = readdirSync(join(assets, 'software'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => shippedPack(name));
    const folders = [join(assets, 'member-os'), ...packs];
    for (const folder of folders) {
      expect(await readRecipeFolder(folder)).toMatchObject({ ok: true });
    }
    expect(packs.length).toBeGreaterThan(0);
  });

  it('brings what lies in its folder "files"', async () => {
    const assets = join(import.meta.dirname, '../../../assets');
    const read = await readRecipeFolder(join(assets, 'member-os'));
    const paths = read.ok ? read.value.files.map(({ path }) => path) : [];
    expect(paths).toContain('etc/criu/default.conf');
  });

  it('that is not there is refused', async () => {
    const read = await readRecipeFolder(shippedPack('no-such-pack'));
    expect(!read.ok && refusalWords(read.error)).toContain('no-such-pack');
  });
});
