import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ok, refuse } from '../../../shared/base/result.ts';
import type { KeptImage } from '../../../src-main/platform/system-builder/boot-image-store.ts';
import { ageChecks } from '../../../src-main/platform/home/doctor.ts';
import {
  packagesOf,
  withPackagesOf,
} from '../../../src-main/platform/system-builder/packages-of.ts';
import { versionOf } from '../../../src-main/platform/system-builder/recipe-version.ts';

const cache = mkdtempSync(join(tmpdir(), 'nightshift-packages-'));
afterAll(() => rmSync(cache, { recursive: true }));

describe('a rebuild with the packages of today', () => {
  test('makes another version of the same recipe, and before the first one nothing is another', () => {
    const recipe = { files: [], architecture: 'x64' };
    const first = versionOf({ ...recipe, packages: '2026-11-25' });
    expect(first).not.toBe(versionOf(recipe));
    expect(first).not.toBe(versionOf({ ...recipe, packages: '2026-11-26' }));
    expect(first).toBe(versionOf({ ...recipe, packages: '2026-11-25' }));
  });

  test('counts from then on, but not when it failed, be it by a refusal or a surprise', async () => {
    expect(await packagesOf(cache)).toBeUndefined();
    const failed = await withPackagesOf(cache, 'monday', async () =>
      refuse('failed', 'no network'),
    );
    expect([failed.ok, await packagesOf(cache)]).toEqual([false, undefined]);
    const during = await withPackagesOf(cache, 'tuesday', async () => ok(await packagesOf(cache)));
    expect(during).toEqual(ok('tuesday'));
    const surprise = withPackagesOf(cache, 'wednesday', () => Promise.reject(new Error('disk')));
    await expect(surprise).rejects.toThrow('disk');
    expect(await packagesOf(cache)).toBe('tuesday');
  });
});

describe('the doctor looks at the age of what PCs boot', () => {
  const day = 86_400_000;
  const made = Date.UTC(2026, 7, 1);
  const image: KeptImage = {
    ...{ version: '12792fb4-03ab77c1', madeAt: made + 90 * day, kernel: '', parts: ['', ''] },
    ...{ packagesAt: made, kernelRelease: '6.12.38+deb13-amd64' },
  };

  test.each([
    ['a new one is well', made + day, true],
    ['an old one is not, however new the agent in it', made + 103 * day, false],
  ])('%s', (_what, now, isWell) => {
    const [check] = ageChecks(image, now);
    expect(check).toMatchObject({ ok: isWell });
    expect(check?.found).toContain('kernel 6.12.38+deb13-amd64, packages of 2026-08-01');
    expect(check?.remedy ?? 'nightshift images build').toContain('nightshift images build');
  });

  test('one of an older head counts from when it was made, and none is nothing to say', () => {
    const old = { ...image, packagesAt: null, kernelRelease: null };
    expect(ageChecks(old, made + 91 * day)[0]).toMatchObject({ ok: true });
    expect(ageChecks(undefined, made)).toEqual([]);
  });
});
