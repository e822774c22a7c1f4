import {
  chmodSync,
  createReadStream,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ok } from '../../../shared/base/result.ts';
import { setTimes } from '../../../shared/node/file-times.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import { taskSpecField } from '../../../shared/wire/task-spec.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { collectInputs } from '../../../src-cli/core/collect-inputs.ts';
import { parseInputWish } from '../../../src-cli/core/input-wish.ts';
import { forNode } from '../../../src-cli/platform/write-tree.ts';
import { localFiles } from '../../../src-cli/platform/local-files.ts';
import { BlobCache } from '../../../src-member/platform/task-files/blob-cache.ts';
import { judgeInputTree } from '../../../src-main/core/commands/input-tree.ts';
import { key, specOf } from '../member/held-member.ts';

/**
 * Inputs from the disk of whoever submits to the directory of the task, through everything but the wire. Of the kind: all
 * that programs look at in a tree. The way back is in fetched-tree.test.ts and member/outputs.test.ts.
 */
let folder: string;
let tree: string;
let task: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-inputs-'));
  [tree, task] = [join(folder, 'tree'), join(folder, 'task')];
  mkdirSync(tree);
  mkdirSync(task);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const user = process.getuid?.() ?? 0;

async function send(...wishes: readonly string[]): Promise<readonly string[]> {
  const parsed = wishes.map((text) => {
    const wish = parseInputWish(text);
    if (!wish.ok) throw new Error(refusalWords(wish.error));
    return wish.value;
  });
  const collected = await collectInputs(localFiles, parsed, null, () => undefined);
  const { inputs, nodes, sources } = collected;
  const wish = { inputs: [...inputs], inputNodes: [...nodes] };
  const spec: TaskSpec = taskSpecField.parse(specOf(key(1, 1), wish));
  expect(judgeInputTree(wish as never)).toMatchObject({ ok: true });
  const blobs = {
    store: () => Promise.reject(new Error('not here')),
    read: async (hash: string) =>
      ok(createReadStream(forNode(sources.get(hash)?.path ?? '')) as AsyncIterable<Uint8Array>),
  };
  const cache = new BlobCache(join(folder, 'cache'), blobs, 1 << 20, user);
  expect(await cache.place(spec.inputs, task, spec.inputNodes)).toEqual(ok(null));
  return collected.warnings;
}

const at = (path: string): string => join(tree, path);
const time = (path: string): bigint => lstatSync(join(task, path), { bigint: true }).mtimeNs;
const mode = (path: string): number => lstatSync(join(task, path)).mode & 0o777;
const stamp = (path: string, mtime: string) => ({ path: Buffer.from(at(path)), mtime });

test('a source tree is as new and as old as it was, to the nanosecond, and so are its folders', async () => {
  mkdirSync(at('m4'));
  for (const path of ['configure.ac', 'aclocal.m4', 'configure', 'm4/a.m4'])
    writeFileSync(at(path), path);
  await setTimes([
    stamp('configure.ac', '1577836800123456788'),
    stamp('aclocal.m4', '1577836800123456789'),
    stamp('configure', '1577836800123456789'),
    stamp('m4/a.m4', '981173106000000000'),
    stamp('m4', '981173106000000007'),
    stamp('', '1000000001'),
  ]);
  await send(`${tree}:src`);
  expect(time('src/configure.ac')).toBe(1577836800123456788n);
  expect(time('src/aclocal.m4')).toBe(1577836800123456789n);
  expect(time('src/configure')).toBe(1577836800123456789n);
  expect(time('src/m4/a.m4')).toBe(981173106000000000n);
  expect(time('src/m4')).toBe(981173106000000007n);
  expect(time('src')).toBe(1000000001n);
});

test('modes arrive, read-only files and folders among them, and nothing is set-user-id', async () => {
  mkdirSync(at('closed'));
  for (const [path, bits] of [
    ['tool', 0o750],
    ['read-only', 0o444],
    ['closed/in', 0o600],
    ['root', 0o4755],
  ] as const) {
    writeFileSync(at(path), path);
    chmodSync(at(path), bits);
  }
  chmodSync(at('closed'), 0o555);
  await send(tree);
  expect(mode('tree/tool')).toBe(0o750);
  expect(mode('tree/read-only')).toBe(0o444);
  expect(mode('tree/closed/in')).toBe(0o600);
  expect(mode('tree/closed')).toBe(0o555);
  expect(lstatSync(join(task, 'tree/root')).mode & 0o7777).toBe(0o755);
  chmodSync(at('closed'), 0o755);
  chmodSync(join(task, 'tree/closed'), 0o755);
});

describe('links', () => {
  test('within what is sent they stay links, wherever the folder lies', async () => {
    mkdirSync(at('lib'));
    writeFileSync(at('lib/real.so'), 'code');
    symlinkSync('real.so', at('lib/short.so'));
    symlinkSync('lib', at('lib64'));
    symlinkSync(at('lib/real.so'), at('absolute'));
    symlinkSync('../tree/lib/real.so', at('roundabout'));
    await setTimes([stamp('lib64', '5')]);
    await send(`${tree}:elsewhere/deep`);
    const link = (path: string): string => readlinkSync(join(task, 'elsewhere/deep', path));
    expect(link('lib/short.so')).toBe('real.so');
    expect(link('lib64')).toBe('lib');
    expect(link('absolute')).toBe('lib/real.so');
    expect(link('roundabout')).toBe('lib/real.so');
    expect(time('elsewhere/deep/lib64')).toBe(5n);
    expect(readFileSync(join(task, 'elsewhere/deep/lib64/short.so'), 'utf8')).toBe('code');
  });

  test('those that lead out are followed; those to nothing and in circles are sent as they are, with a word', async () => {
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside/data'), 'data');
    symlinkSync('../outside', at('folder'));
    symlinkSync(join(folder, 'outside/data'), at('file'));
    symlinkSync('/nowhere/cacerts', at('cacerts'));
    symlinkSync('ring', at('ring'));
    symlinkSync('.', at('self'));
    symlinkSync('..', at('up'));
    const warnings = await send(tree);
    expect(readFileSync(join(task, 'tree/folder/data'), 'utf8')).toBe('data');
    expect(lstatSync(join(task, 'tree/file')).isFile()).toBe(true);
    expect(readlinkSync(join(task, 'tree/cacerts'))).toBe('/nowhere/cacerts');
    expect(readlinkSync(join(task, 'tree/ring'))).toBe('ring');
    expect(readlinkSync(join(task, 'tree/self'))).toBe('.');
    expect(readlinkSync(join(task, 'tree/up'))).toBe('..');
    expect(warnings).toEqual([
      `${at('cacerts')} and 2 more links lead to nothing that can be sent; the task gets such a link as it is.`,
    ]);
  });

  test('several names of one file are one file again', async () => {
    writeFileSync(at('a'), 'one');
    linkSync(at('a'), at('b'));
    writeFileSync(at('c'), 'one');
    await send(tree);
    const inode = (path: string): number => lstatSync(join(task, 'tree', path)).ino;
    expect(inode('b')).toBe(inode('a'));
    expect(inode('c')).not.toBe(inode('a'));
  });
});

test('empty folders, hidden files, holes and names that are no text arrive', async () => {
  mkdirSync(at('empty/deeper'), { recursive: true });
  writeFileSync(at('.hidden'), 'h');
  writeFileSync(at('sparse'), 'begin');
  truncateSync(at('sparse'), 64 << 20);
  writeFileSync(
    Buffer.concat([Buffer.from(`${tree}/`), Buffer.from('\xdcbung\n\\', 'latin1')]),
    'ü',
  );
  symlinkSync(Buffer.from('\xdcbung\n\\', 'latin1'), at('to'));
  await send(tree);
  expect(readdirSync(join(task, 'tree/empty/deeper'))).toEqual([]);
  expect(readFileSync(join(task, 'tree/.hidden'), 'utf8')).toBe('h');
  const sparse = lstatSync(join(task, 'tree/sparse'));
  expect(sparse.size).toBe(64 << 20);
  expect(sparse.blocks * 512).toBeLessThan(1 << 20);
  const names = readdirSync(join(task, 'tree'), { encoding: 'latin1' });
  expect(names).toContain('\xdcbung\n\\');
  expect(readFileSync(join(task, 'tree/to'), 'utf8')).toBe('ü');
});

test('what cannot be read is named, and so is a name that cannot be typed', async () => {
  await expect(send(`${tree}/\uFFFDbung`)).rejects.toThrow(/is not UTF-8 .* name the folder/);
});

test('nothing may stand below a link, which would be written through', () => {
  const file = { hash: 'a'.repeat(64), size: 1, executable: false };
  const link = { kind: 'link', path: 'a', target: '/etc', mtime: '0' };
  for (const path of ['a', 'a/passwd', 'a/b/c'])
    expect(
      judgeInputTree({ inputs: [{ ...file, path }], inputNodes: [link] } as never),
    ).toMatchObject({
      error: { code: expect.stringMatching(/inputs-share-a-name|input-below-a-link/) as string },
    });
});
