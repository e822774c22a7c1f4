import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemCacheDir } from '../../../shared/domain/system-cache.ts';
import { practiceWitness } from '../../../src-cli/platform/practice-witness.ts';

it('an empty NIGHTSHIFT_CACHE is none', () => {
  expect(systemCacheDir({})).toBe('/var/cache/nightshift');
  expect(systemCacheDir({ NIGHTSHIFT_CACHE: '' })).toBe('/var/cache/nightshift');
  expect(systemCacheDir({ NIGHTSHIFT_CACHE: '/srv/systems' })).toBe('/srv/systems');
});

it('the witness of a practice night looks where the head builds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-cache-'));
  try {
    const environment = { NIGHTSHIFT_CACHE: folder };
    const tree = join(systemCacheDir(environment), 'member-system', 'one', 'tree');
    mkdirSync(tree, { recursive: true });
    expect(await practiceWitness(join(folder, 'home'), environment).memberSystem()).toBe(tree);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
