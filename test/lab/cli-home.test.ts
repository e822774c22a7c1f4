import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ran, spawned } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-homes-'));
const file = join(folder, 'file');
writeFileSync(file, '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isFile = (home: string): string =>
  `${home} cannot hold the head's data, because it is a file, or lies below one; set NIGHTSHIFT_HOME to a folder of yours.\n`;

describe('a NIGHTSHIFT_HOME that can be none', () => {
  it.each([['jobs'], ['machines', '--json'], ['head']])('is told as such: %s', async (...words) => {
    const { exitCode, out, err } = await spawned(file, words);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toBe(`nightshift: ${isFile(file)}`);
  });

  it('is told by a folder below a file, too', async () => {
    const below = join(file, 'home');
    expect((await spawned(below, ['jobs'])).err).toBe(`nightshift: ${isFile(below)}`);
    expect((await spawned(below, ['head'])).err).toBe(`nightshift: ${isFile(below)}`);
    expect((await spawned(below, ['practice', 'up'])).err).toBe(
      `No head runs for ${below}; starting one.\nnightshift: ${isFile(below)}`,
    );
  });

  it.runIf(process.platform === 'linux').each([
    ['/proc/nightshift', ['head']],
    ['/proc/nightshift/deep', ['head']],
    ['/proc', ['head']],
    ['/proc/nightshift', ['practice', 'up']],
  ] as const)('ends at once where nothing can be made: %s', async (home, words) => {
    const { exitCode, err } = await spawned(home, words);
    expect(exitCode).toBe(1);
    expect(err.split('\n').slice(-2)).toEqual([
      `nightshift: ${home} cannot hold the head's data, because no file or folder can be made there; set NIGHTSHIFT_HOME to a folder of yours.`,
      '',
    ]);
  });

  it('is what doctor finds, with the way out', async () => {
    const { exitCode, out } = await ran(file, 'doctor', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toEqual([
      { check: 'head', ok: false, found: isFile(file).trimEnd(), remedy: null },
    ]);
  });
});
