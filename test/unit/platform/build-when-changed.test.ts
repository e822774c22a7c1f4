import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  buildWhenChanged,
  type Built,
} from '../../../src-main/platform/making-ready/build-when-changed.ts';
import { inWords } from '../../in-words.ts';

let folder: string;
let told: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-build-'));
  mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
  writeFileSync(source(), 'a');
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = () => join(folder, 'src', 'deep', 'a.ts');
const built = () => join(folder, 'built');

/** What is built is the environment's word on what to build. */
const build = (script = `fs.writeFileSync(process.argv[1], process.env.NODE_ENV)`): Built => ({
  what: 'UI',
  path: built(),
  sources: [join(folder, 'src'), join(folder, 'no such source')],
  command: (into) => [process.execPath, '-e', script, into],
  byHand: 'npm run build:ui',
});
const run = (how = build()) => buildWhenChanged(how, ({ line }) => told.push(line));

it('builds what is missing, and not again while its sources rest', async () => {
  expect(await run()).toEqual({ ok: true, value: null });
  const later = new Date(Date.now() + 60_000);
  utimesSync(source(), later, later);
  expect(await run()).toEqual({ ok: true, value: null });
  expect(told).toEqual(['Building']);
});

it('builds again when a source deep below is another, even one that is older', async () => {
  await run();
  writeFileSync(source(), 'b');
  const earlier = new Date(0);
  utimesSync(source(), earlier, earlier);
  await run();
  writeFileSync(join(folder, 'src', 'b.ts'), '');
  await run();
  expect(told).toEqual(['Building', 'Building', 'Building']);
});

it('builds for production whoever asks, such as a test', async () => {
  expect(process.env['NODE_ENV']).toBe('test');
  await run();
  expect(readFileSync(built(), 'utf8')).toBe('production');
});

it('replaces what somebody else built there', async () => {
  await run();
  writeFileSync(built(), 'test');
  await run();
  expect(readFileSync(built(), 'utf8')).toBe('production');
});

it('takes as it is what was shipped without its sources', async () => {
  writeFileSync(built(), 'shipped');
  await run({ ...build(), sources: [join(folder, 'no such source')] });
  expect(readFileSync(built(), 'utf8')).toBe('shipped');
});

it('is built by one of two who want it at the same moment', async () => {
  await Promise.all([run(), run()]);
  expect(told.filter((line) => line === 'Building')).toHaveLength(1);
});

it('builds a folder as well, and nothing of the former one stays in it', async () => {
  mkdirSync(built());
  writeFileSync(join(built(), 'old.js'), '');
  const folderOf = `fs.mkdirSync(process.argv[1]); fs.writeFileSync(process.argv[1] + '/new.js', '')`;
  await run(build(folderOf));
  await run(build(folderOf));
  expect(readdirSync(built())).toEqual(['new.js']);
  expect(told).toEqual(['Building']);
});

it('leaves what was there when a build fails half-way, and says why and what to run by hand', async () => {
  await run();
  writeFileSync(source(), 'b');
  const half = `fs.writeFileSync(process.argv[1], 'half'); throw new TypeError('no such rune')`;
  const failed = await run(build(half));
  expect(inWords(failed)).toEqual({
    ok: false,
    error: {
      kind: 'failed',
      sentence:
        'The UI could not be built (TypeError: no such rune); run `npm run build:ui` to see more.',
    },
  });
  expect(readFileSync(built(), 'utf8')).toBe('production');
  expect(existsSync(`${built()}.building`)).toBe(false);
});
