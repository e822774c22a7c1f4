import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildWhenOlder, type BuiltFile } from '../../../src-main/platform/build-when-older.ts';

let folder: string;
let told: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-build-'));
  mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'src', 'deep', 'a.ts'), '');
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A build that notes that it ran, by making its file one letter longer. */
const build = (script = `fs.appendFileSync(process.argv[1], 'x')`): BuiltFile => ({
  what: 'UI',
  path: join(folder, 'built'),
  sources: [join(folder, 'src'), join(folder, 'no such source')],
  command: [process.execPath, '-e', script, join(folder, 'built')],
  byHand: 'npm run build:ui',
});
const run = (file = build()) => buildWhenOlder(file, ({ line }) => told.push(line));
const builds = () => readFileSync(join(folder, 'built'), 'utf8').length;

it('builds what is missing, and not again while its sources rest', async () => {
  expect(await run()).toEqual({ ok: true, value: null });
  expect(await run()).toEqual({ ok: true, value: null });
  expect(builds()).toBe(1);
  expect(told).toEqual(['Building']);
});

it('builds again when a source deep below is newer', async () => {
  await run();
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(folder, 'src', 'deep', 'a.ts'), later, later);
  await run();
  expect(builds()).toBe(2);
});

it('is built by one of two who want it at the same moment', async () => {
  await Promise.all([run(), run()]);
  expect(builds()).toBe(1);
});

it('tells in one sentence why a build failed and what to run by hand', async () => {
  const failed = await run(build(`throw new TypeError('no such rune')`));
  expect(failed).toEqual({
    ok: false,
    error: {
      code: 'failed',
      sentence:
        'The UI could not be built (TypeError: no such rune); run `npm run build:ui` to see more.',
    },
  });
});
