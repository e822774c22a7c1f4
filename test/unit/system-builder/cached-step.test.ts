import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ok, refuse } from '../../../shared/base/result.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import {
  cachedStep,
  versionsToRemove,
  type CachedStep,
} from '../../../src-main/platform/system-builder/cached-step.ts';
import type { BuildProgress } from '../../../src-main/platform/system-builder/build-progress.ts';

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'nightshift-cache-'));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

let made: string[] = [];
let seen: BuildProgress[] = [];
beforeEach(() => {
  made = [];
  seen = [];
});
const step = (version: string, make?: CachedStep['make']): CachedStep => ({
  name: 'tree',
  what: 'tree',
  version,
  cacheDir,
  onProgress: (progress) => seen.push(progress),
  make:
    make ??
    (async (into) => {
      made.push(version);
      writeFileSync(join(into, 'content'), version);
      return ok(null);
    }),
});
const folder = (): string[] => readdirSync(join(cacheDir, 'tree')).sort();

describe('a step of the build', () => {
  it('is made once and found from then on', async () => {
    const first = await cachedStep(step('a'));
    const second = await cachedStep(step('a'));
    expect(first).toEqual({ ok: true, value: join(cacheDir, 'tree', 'a') });
    expect(second).toEqual(first);
    expect(made).toEqual(['a']);
  });

  it('is made by one of two that ask at once, and the other waits and says so', async () => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const first = cachedStep(
      step('a', async () => {
        made.push('first');
        await finished;
        return ok(null);
      }),
    );
    await expect.poll(() => made).toEqual(['first']);
    const second = cachedStep(step('a'));
    await expect.poll(() => seen.map(({ line }) => line)).toHaveLength(1);
    expect(seen[0]?.line).toContain('Waiting for another Nightshift');
    finish();
    expect(await second).toEqual(await first);
    expect(made).toEqual(['first']);
  });

  it('that is refused leaves nothing and can be tried again', async () => {
    const refused = await cachedStep(
      step('a', async (into) => {
        writeFileSync(join(into, 'half'), '');
        return refuse('failed', 'The disk is full.');
      }),
    );
    expect(refused.ok).toBe(false);
    expect(folder()).toEqual([]);
    expect((await cachedStep(step('a'))).ok).toBe(true);
  });

  it('that throws leaves nothing', async () => {
    const broken = step('a', () => Promise.reject(new Error('unplugged')));
    await expect(cachedStep(broken)).rejects.toThrow('unplugged');
    expect(folder()).toEqual([]);
  });

  it('removes what a killed builder left', async () => {
    mkdirSync(join(cacheDir, 'tree', '.building-old'), { recursive: true });
    await cachedStep(step('a'));
    expect(folder()).toEqual(['a']);
  });

  it.runIf(process.platform === 'linux')(
    'says who may make it where this user, or anybody, may not write',
    async () => {
      // The kernel lets nobody make folders here, root neither.
      const refused = await cachedStep({ ...step('a'), cacheDir: '/sys/kernel' });
      expect(refused).toMatchObject({ ok: false, error: { kind: 'refused' } });
      expect(refused.ok ? '' : refusalWords(refused.error)).toContain(
        '/scripts/build-system.ts` once',
      );
    },
  );

  it('keeps the version before the current one and no more', async () => {
    for (const version of ['a', 'b', 'c']) await cachedStep(step(version));
    expect(folder()).toHaveLength(2);
    expect(existsSync(join(cacheDir, 'tree', 'c', 'content'))).toBe(true);
  });

  it('keeps the one that was used last', () => {
    const others = [
      { name: 'old', at: 1 },
      { name: 'older', at: 0 },
      { name: 'latest', at: 2 },
    ];
    expect(versionsToRemove(others)).toEqual(['old', 'older']);
    expect(versionsToRemove([])).toEqual([]);
  });
});
