import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ok } from '../../../shared/base/result.ts';
import { blobHash, epoch, jobId, taskIdOf, type BlobHash } from '../../../shared/domain/ids.ts';
import type { Collected } from '../../../src-member/ports/task-files.ts';
import { toHeadSchema } from '../../../shared/wire/to-head.ts';
import { setTimes } from '../../../shared/node/file-times.ts';
import { collectOutputs } from '../../../src-member/platform/task-files/collect-outputs.ts';
import PQueue from 'p-queue';
import { ToldResults } from '../../../src-main/core/attempts/told-results.ts';

const of = { task: taskIdOf(jobId('1'), 0), epoch: epoch(1) };

let folder: string;
let stored: Map<BlobHash, Buffer>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-outputs-'));
  stored = new Map();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hashOf = (bytes: Buffer | string): BlobHash =>
  blobHash(createHash('sha256').update(bytes).digest('hex'));
const blobs = {
  has: async ({ hash }: { readonly hash: BlobHash }) => stored.has(hash),
  store: async (bytes: AsyncIterable<Uint8Array>) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(piece);
    const whole = Buffer.concat(pieces);
    stored.set(hashOf(whole), whole);
    return ok({ hash: hashOf(whole), size: whole.length });
  },
};
async function collect(...patterns: readonly string[]): Promise<Collected> {
  const done = await collectOutputs(folder, patterns, {
    blobs,
    of,
    uploads: new PQueue({ concurrency: 4 }),
  });
  if (!done.ok) throw new Error(done.error.reason);
  return done.value;
}
/** As the head has it, after its decoder. */
async function told(...patterns: readonly string[]) {
  const { outputs, nodes = [], missed } = await collect(...patterns);
  const ending = { cause: 'exit', exitCode: 0 };
  const message = { t: 'ended', ...of, ending, outputs, nodes, log: null, cpuSeconds: 1 };
  const decoded = toHeadSchema.parse(message) as { outputs: typeof outputs; nodes: typeof nodes };
  return { files: decoded.outputs, nodes: decoded.nodes, missed };
}
const file = (path: string | Buffer, text = 'x'): void =>
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path)]), text);
const folderAt = (path: string): void => void mkdirSync(join(folder, path), { recursive: true });
const pathsOf = (results: readonly { readonly path: string }[]): string[] =>
  results.map(({ path }) => path);

/**
 * Of the kind: bytes that are no UTF-8 (in a file's name, a folder's, a link's target), and characters that act
 * elsewhere (line ends, escape sequences, marks of direction, backslashes); under a folder, under `*` and under `**`.
 */
describe('a file comes back whatever its name is made of', () => {
  beforeEach(() => folderAt('out'));

  test.each([
    ['no UTF-8', Buffer.from('out/\xdcbung.txt', 'latin1'), 'out/%DCbung.txt'],
    ['half a character at the end', Buffer.from('out/a\xe2\x82', 'latin1'), 'out/a%E2%82'],
    ['an overlong slash', Buffer.from('out/\xc0\xaf', 'latin1'), 'out/%C0%AF'],
    ['half of a surrogate pair', Buffer.from('out/\xed\xa0\x80', 'latin1'), 'out/%ED%A0%80'],
    ['a line end', 'out/a\r\nb', 'out/a%0D%0Ab'],
    ['an escape sequence', 'out/\x1b[2J', 'out/%1B[2J'],
    ['a C1 control', 'out/\x9b1m', 'out/%C2%9B1m'],
    ['a change of direction', 'out/\u202Egnp.exe', 'out/%E2%80%AEgnp.exe'],
    ['a way out on Windows', 'out/a\\..\\..\\x', 'out/a%5C..%5C..%5Cx'],
    ['a percent sign beside', 'out/50%\n', 'out/50%25%0A'],
  ])('%s', async (_what, name, path) => {
    file(name, 'found');
    for (const pattern of ['out', 'out/*', '**', 'out/**', '*/*'])
      expect((await told(pattern)).files, pattern).toMatchObject([
        { path, escaped: true, hash: hashOf('found'), size: 5 },
      ]);
  });

  test('names that only look odd stay as they are', async () => {
    for (const name of ['50%', 'über', 'a:b', 'con.txt', '[x]', ' blank ', '😀', '-n', '%2F'])
      file(`out/${name}`);
    const { files } = await told('out');
    expect(pathsOf(files).sort()).toEqual(
      ['50%', 'über', 'a:b', 'con.txt', '[x]', ' blank ', '😀', '-n', '%2F']
        .map((name) => `out/${name}`)
        .sort(),
    );
    expect(files.every(({ escaped }) => escaped === undefined)).toBe(true);
  });

  test('a folder of such a name stands for all that is in it', async () => {
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/out/`), Buffer.of(0xff)]));
    file(Buffer.concat([Buffer.from('out/'), Buffer.of(0xff), Buffer.from('/deep')]));
    const { files, nodes } = await told('out/*');
    expect(pathsOf(files)).toEqual(['out/%FF/deep']);
    expect(pathsOf(nodes)).toEqual(['out/%FF']);
  });
});

/** Of the kind: mode, time, links of both sorts, folders with nothing in them; the way in is in inputs.test.ts. */
describe('what belongs to a tree besides its contents comes back', () => {
  test('modes and times, to the nanosecond', async () => {
    folderAt('out/empty');
    file('out/tool');
    chmodSync(join(folder, 'out/tool'), 0o4555);
    await setTimes([
      { path: Buffer.from(join(folder, 'out/tool')), mtime: '1577836800123456789' },
      { path: Buffer.from(join(folder, 'out/empty')), mtime: '981173106000000001' },
    ]);
    const { files, nodes } = await told('out');
    expect(files).toMatchObject([
      { path: 'out/tool', mode: 0o555, executable: true, mtime: '1577836800123456789' },
    ]);
    expect(nodes).toMatchObject([
      { kind: 'folder', path: 'out' },
      { kind: 'folder', path: 'out/empty', mode: 0o755, mtime: '981173106000000001' },
    ]);
  });

  test('links say what they said, and those to nowhere and out of the task are not followed', async () => {
    folderAt('out/data');
    file('out/data/a');
    for (const [target, link] of [
      ['a', 'out/data/same'],
      ['../data', 'out/round'],
      ['/task/out/data/a', 'out/absolute'],
      ['nothing', 'out/dangling'],
      ['/etc/passwd', 'out/away'],
      ['loop', 'out/loop'],
    ] as const)
      symlinkSync(target, join(folder, link));
    const { files, nodes } = await told('out');
    expect(pathsOf(files)).toEqual(['out/data/a']);
    const links = nodes.flatMap((node) => (node.kind === 'link' ? [[node.path, node.target]] : []));
    expect(links).toEqual([
      ['out/absolute', 'data/a'],
      ['out/away', '/etc/passwd'],
      ['out/dangling', 'nothing'],
      ['out/data/same', 'a'],
      ['out/loop', 'loop'],
      ['out/round', '../data'],
    ]);
  });

  test('a link to a file that is no output itself is as good as the file', async () => {
    folderAt('runs/7');
    file('runs/7/frame', 'last');
    symlinkSync('runs/7/frame', join(folder, 'latest'));
    symlinkSync('runs/7', join(folder, 'run'));
    expect((await told('latest')).files).toMatchObject([{ path: 'latest', hash: hashOf('last') }]);
    expect(pathsOf((await told('run')).files)).toEqual(['run/frame']);
  });

  test('names of one file share a number', async () => {
    folderAt('out');
    file('out/a', 'one');
    linkSync(join(folder, 'out/a'), join(folder, 'out/b'));
    file('out/c', 'one');
    const { files } = await told('out');
    expect(files.map(({ path, hard }) => [path, hard])).toEqual([
      ['out/a', 0],
      ['out/b', 0],
      ['out/c', undefined],
    ]);
    expect((await told('out/a')).files[0]).not.toHaveProperty('hard');
  });

  test('pipes and sockets are no results', async () => {
    folderAt('out');
    execFileSync('mkfifo', [join(folder, 'out/pipe')]);
    expect((await told('out')).files).toEqual([]);
    expect((await told('out/pipe')).missed).toMatch(/"out\/pipe" matched no file/);
  });
});

describe('patterns', () => {
  beforeEach(() => {
    for (const path of ['out/deep', 'out/.hidden', 'other']) folderAt(path);
    for (const path of [
      'out/a.txt',
      'out/b.png',
      'out/deep/c.txt',
      'out/.hidden/d',
      'top.txt',
      'other/[x].txt',
    ])
      file(path);
  });
  test.each([
    ['out', ['out/.hidden/d', 'out/a.txt', 'out/b.png', 'out/deep/c.txt']],
    ['/task/out/', ['out/.hidden/d', 'out/a.txt', 'out/b.png', 'out/deep/c.txt']],
    ['out/**', ['out/.hidden/d', 'out/a.txt', 'out/b.png', 'out/deep/c.txt']],
    ['./out/*.txt', ['out/a.txt']],
    ['**/*.txt', ['other/[x].txt', 'out/a.txt', 'out/deep/c.txt', 'top.txt']],
    ['{out,other}/*.{txt,png}', ['other/[x].txt', 'out/a.txt', 'out/b.png']],
    ['out/[a-b].*', ['out/a.txt', 'out/b.png']],
    ['o*/deep', ['out/deep/c.txt']],
    ['other/[x].txt', ['other/[x].txt']],
    ['*.txt', ['top.txt']],
    ['../*', []],
    ['/etc/passwd', []],
    ['out/../../etc', []],
  ])('%s', async (pattern, expected) => {
    const { files, missed } = await told(pattern);
    expect(pathsOf(files)).toEqual(expected);
    expect(missed === null).toBe(expected.length > 0);
  });
});

describe('many files', () => {
  test('are told in a list that is stored like them, and read back in pieces of any length', async () => {
    folderAt('out');
    for (let number = 0; number < 900; number += 1)
      file(`out/${number}-${'ä'.repeat(110)}`, String(number % 7));
    const { outputs, nodes, list, missed } = await collect('out');
    expect([outputs, nodes, missed]).toEqual([[], [], null]);
    const text = stored.get(list?.hash ?? blobHash(''))?.toString() ?? '';
    for (const length of [1000, text.length]) {
      const results = new ToldResults();
      for (let at = 0; at < text.length; at += length)
        expect(results.read(text.slice(at, at + length)).ok).toBe(true);
      expect(results.end().ok).toBe(true);
      expect([results.outputs.length, results.nodes.length]).toEqual([900, 1]);
    }
    const half = new ToldResults();
    half.read(text.slice(0, -1));
    expect(half.end().ok).toBe(false);
    expect(new ToldResults().read('{"path":"../x"}\n').ok).toBe(false);
  });

  test('beyond what one task may leave the first are kept, and the task is told what to do', async () => {
    folderAt('out');
    for (let number = 1; number <= 9; number += 1) file(`out/${number}`);
    const uploads = new PQueue({ concurrency: 4 });
    const done = await collectOutputs(folder, ['out'], { blobs, of, uploads }, 5);
    expect(done.ok && [done.value.outputs.length, done.value.missed]).toEqual([
      4,
      'it left 10 files and folders as outputs, and one task may leave 5; let it pack them into an archive (tar) and name that. The first 5 were kept',
    ]);
  });

  // Of the kind: one file, several together, and results that nobody wants any more.
  test('what is larger than may be kept is named, and the rest comes', async () => {
    for (const [name, size] of [
      ['huge', 4 * 2 ** 40],
      ['one', 50 * 2 ** 30],
      ['two', 50 * 2 ** 30],
      ['three', 50 * 2 ** 30],
    ] as const) {
      file(name, '');
      truncateSync(join(folder, name), size);
    }
    file('small');
    const quick = { has: async () => true, store: blobs.store };
    const collectAs = (patterns: readonly string[], stop?: AbortSignal) =>
      collectOutputs(folder, patterns, {
        blobs: quick,
        of,
        uploads: new PQueue({ concurrency: 4 }),
        ...(stop && { stop }),
      });
    expect(await collectAs(['huge', 'small'])).toMatchObject({
      value: {
        outputs: [{ path: 'small' }],
        missed:
          'its output "huge" is 4 TiB large, and a file may have 64 GiB; the other outputs were kept',
      },
    });
    const given = new AbortController();
    const collecting = collectAs(['one', 'two', 'three'], given.signal);
    given.abort(new Error('it was given up'));
    expect(await collecting).toMatchObject({
      ok: false,
      error: { reason: 'its outputs could not be read: it was given up' },
    });
  });

  test('a folder that goes away meanwhile is a fault in words', async () => {
    folderAt('out');
    for (let number = 0; number < 20; number += 1) file(`out/${number}`, String(number));
    const vanishing = {
      ...blobs,
      has: async () => {
        rmSync(folder, { recursive: true, force: true });
        return false;
      },
    };
    const uploads = new PQueue({ concurrency: 1 });
    expect(await collectOutputs(folder, ['out'], { blobs: vanishing, of, uploads })).toMatchObject({
      ok: false,
      error: { why: 'refused', reason: expect.stringContaining('could not be read') as string },
    });
  });
});
