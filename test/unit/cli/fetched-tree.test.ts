import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ok, refuse } from '../../../shared/base/result.ts';
import type { PathText } from '../../../shared/domain/path-text.ts';
import type { TreeNode } from '../../../shared/domain/tree.ts';
import { placeOf, windowsName, type Item } from '../../../src-cli/core/fetched-tree.ts';
import type { LocalPath } from '../../../shared/domain/local-tree.ts';
import { writeFetched } from '../../../src-cli/core/write-fetched.ts';
import { forNode } from '../../../src-cli/platform/write-tree.ts';
import { localFiles } from '../../../src-cli/platform/local-files.ts';

let into: string;
beforeEach(() => (into = mkdtempSync(join(tmpdir(), 'nightshift-fetched-'))));
afterEach(() => rmSync(into, { recursive: true, force: true }));

const at = (name: PathText) => {
  const place = placeOf({ into, folder: '', windows: false }, name);
  if (place === undefined) throw new Error(`${name.path} is no path`);
  return place;
};
const item = (name: PathText, content: string, more: Partial<Item> = {}): Item => ({
  ...{ task: '1.0', ...at(name), size: content.length, hash: content },
  ...{ mode: null, mtime: null, hard: null },
  ...more,
});
const node = (one: TreeNode) => ({ task: '1.0', ...at(one), node: one });

/** A head whose blobs are named by what is in them; those that begin with "gone" it does not have. */
const head = {
  blobs: {
    save: async (content: string, to: LocalPath, mode: number | null) => {
      if (content.startsWith('gone'))
        return refuse('failed', `the head does not have the content of ${String(to)} any more.`);
      writeFileSync(forNode(to), content, { mode: mode ?? 0o644 });
      return ok(null);
    },
  },
};
const write = (items: readonly Item[], nodes: readonly ReturnType<typeof node>[], force = false) =>
  writeFetched(
    { terminal: { progress: () => undefined }, files: localFiles } as never,
    head as never,
    { items, nodes },
    { into, force },
  );

test('what is there is brought, and the rest is named', async () => {
  const written = await write(
    [item({ path: 'a' }, 'one'), item({ path: 'b/c' }, 'gone'), item({ path: 'd/e' }, 'two')],
    [],
  );
  expect(written).toMatchObject({ fetched: 2, bytes: 6, lost: [{ task: '1.0', path: 'b/c' }] });
  expect(readFileSync(join(into, 'd/e'), 'utf8')).toBe('two');
});

test('times, modes, names of one file, links and empty folders are as the task left them', async () => {
  const written = await write(
    [
      item({ path: 'out/tool' }, 'x', { mode: 0o750, mtime: '1577836800123456789', hard: 0 }),
      item({ path: 'out/same' }, 'x', { mode: 0o750, mtime: '1577836800123456789', hard: 0 }),
      item({ path: 'out/%DCbung', escaped: true }, 'ü', { mtime: '7' }),
    ],
    [
      node({ kind: 'link', path: 'out/l', target: 'tool', mtime: '5' }),
      node({ kind: 'link', path: 'out/dangling', target: '/task/x', mtime: '5' }),
      node({ kind: 'folder', path: 'out', mode: 0o555, mtime: '3' }),
      node({ kind: 'folder', path: 'out/empty', mode: 0o700, mtime: '4' }),
    ],
  );
  expect(written.lost).toEqual([]);
  const facts = (path: string) => lstatSync(join(into, path), { bigint: true });
  expect([facts('out/tool').mode & 0o777n, facts('out/tool').mtimeNs]).toEqual([
    0o750n,
    1577836800123456789n,
  ]);
  expect(facts('out/same').ino).toBe(facts('out/tool').ino);
  expect(readlinkSync(join(into, 'out/l'))).toBe('tool');
  expect(facts('out/l').mtimeNs).toBe(5n);
  expect(readlinkSync(join(into, 'out/dangling'))).toBe('/task/x');
  expect([facts('out').mode & 0o777n, facts('out').mtimeNs]).toEqual([0o555n, 3n]);
  expect([facts('out/empty').mode & 0o777n, facts('out/empty').mtimeNs]).toEqual([0o700n, 4n]);
  expect(readdirSync(join(into, 'out'), { encoding: 'latin1' })).toContain('\xdcbung');
});

describe('nothing that a task left leads out of the folder', () => {
  test.each([
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a\\..\\x',
    'a\nb',
    '\x1b[2J',
    '',
    'a//b',
    '.',
    'a\0',
  ])('%j is no path', (path) => {
    for (const windows of [false, true])
      expect(placeOf({ into, folder: '1', windows }, { path })).toBeUndefined();
  });

  test('a link in the way is not written through, whoever made it', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'nightshift-outside-'));
    symlinkSync(outside, join(into, 'trap'));
    mkdirSync(join(into, 'deep'));
    symlinkSync(outside, join(into, 'deep/trap'));
    const written = await write(
      [
        item({ path: 'trap/a' }, 'x'),
        item({ path: 'deep/trap/b/c' }, 'x'),
        item({ path: 'ok' }, 'x'),
      ],
      [node({ kind: 'link', path: 'trap/l', target: 'x', mtime: '0' })],
      true,
    );
    expect(written.fetched).toBe(1);
    expect(written.lost).toHaveLength(3);
    expect(written.lost[0]?.reason).toMatch(/is no folder but a file or a link/);
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  test('what is there stays unless somebody says --force', async () => {
    writeFileSync(join(into, 'l'), 'precious');
    const link = node({ kind: 'link', path: 'l', target: 'x', mtime: '0' });
    expect((await write([], [link])).lost).toHaveLength(1);
    expect(readFileSync(join(into, 'l'), 'utf8')).toBe('precious');
    expect((await write([], [link], true)).lost).toEqual([]);
    expect((await write([], [link])).lost).toEqual([]);
  });
});

test.each([
  ['con', '_con'],
  ['AUX.txt', '_AUX.txt'],
  ['com1.log', '_com1.log'],
  ['lpt³', '_lpt³'],
  ['conin$', '_conin$'],
  ['console', 'console'],
  ['a:b', 'a%3Ab'],
  ['C:', 'C%3A'],
  ['what?', 'what%3F'],
  ['dots..', 'dots.%2E'],
  ['blank ', 'blank%20'],
  ['plain.txt', 'plain.txt'],
])('on Windows %s is %s', (name, there) => {
  expect(windowsName(name)).toBe(there);
  expect(placeOf({ into: 'D:\\x', folder: '1', windows: true }, { path: `a/${name}` })?.to).toBe(
    `D:\\x\\1\\a\\${there}`,
  );
});
