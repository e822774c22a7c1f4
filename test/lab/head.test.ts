import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hours, mebibytes, millis } from '../../shared/base/units.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { connectToHead } from '../../src-cli/platform/head-connection.ts';
import { BlobStore } from '../../src-main/platform/blobs/blob-store.ts';
import { collectBlobs } from '../../src-main/platform/blobs/collect-blobs.ts';
import { HeadProcess } from './head/head-process.ts';
import { smallDisk } from './head/small-disk.ts';

let folder: string;
let heads: HeadProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-head-'));
  heads = [];
});
afterEach(async () => {
  await Promise.all(heads.map((head) => head.stop('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

function start(
  args: readonly string[] = ['--port', '0'],
  home = join(folder, 'home'),
): HeadProcess {
  const head = new HeadProcess(home, args);
  heads.push(head);
  return head;
}

test('a head opens its lab, stops in good order, and opens the same lab again', async () => {
  const head = start(['--port', '0', '--lab', 'Room 12']);
  const facts = await head.ready();
  expect(head.out).toContain('Lab "Room 12" is open at https://127.0.0.1:');
  expect(facts.pid).toBe(head.process.pid);
  // Not into a journal: what is printed here goes to no terminal.
  expect(head.out).not.toContain('token');
  expect(facts.browserUrl).toContain('?token=');
  expect(await head.stop()).toEqual({ code: 0, signal: null });
  expect(existsSync(join(head.home, 'head.json'))).toBe(false);
  expect(head.err).toBe('');

  const again = start(['--port', '0', '--lab', 'another name']);
  await again.ready();
  expect(again.out).toContain('Lab "Room 12"');
});

test('a head that was killed and whose store then lost its write-ahead log does not open as an empty lab', async () => {
  const head = start();
  await head.ready();
  const connected = await connectToHead(head.home);
  if (!connected.ok) throw new Error(refusalWords(connected.error));
  await connected.value.api.jobs.submit({ name: 'precious', command: ['true'] });
  connected.value.close();
  await head.stop('SIGKILL');
  const wal = join(head.home, 'lab.sqlite-wal');
  renameSync(wal, `${wal}.kept`);
  const refused = start();
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.err).toMatch(
    /^nightshift: .*lab\.sqlite ends with event 0, but it had come to event 1: a part of it was lost, .*nightshift restore.*\n$/,
  );
  renameSync(`${wal}.kept`, wal);
  await start().ready();
  const again = await connectToHead(head.home);
  if (!again.ok) throw new Error(refusalWords(again.error));
  expect((await again.value.api.jobs.list()).map(({ name }) => name)).toEqual(['precious']);
  again.value.close();
});

test('a home that others could look into is closed to them, and an existing folder of others is left as it is', async () => {
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o755 });
  chmodSync(home, 0o755);
  await start(['--port', '0'], home).ready();
  expect(statSync(home).mode & 0o777).toBe(0o700);
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o755);
  writeFileSync(join(shared, 'somebodys'), '');
  await start(['--port', '0'], shared).ready();
  expect(statSync(shared).mode & 0o777).toBe(0o755);
  for (const name of [
    'lab.sqlite',
    'lab.sqlite-wal',
    'lab.mark',
    'api-token',
    'head.json',
    'head.log',
  ])
    expect([name, statSync(join(shared, name)).mode & 0o077]).toEqual([name, 0]);
});

test('a second head of the same home is refused while the first one runs', async () => {
  const first = start();
  await first.ready();
  const second = start();
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.err).toBe(
    `nightshift: a head of this lab is already running (process ${first.process.pid}); use that one, or stop it first.\n`,
  );
  expect((await first.ask('PUT', '/blob', Buffer.from('still there'))).status).toBe(201);
});

test('a killed head is followed by the next one at once, with every job it had acknowledged', async () => {
  const first = start();
  await first.ready();
  const before = await connectToHead(first.home);
  if (!before.ok) throw new Error(refusalWords(before.error));
  const ids: string[] = [];
  for (let job = 0; job < 5; job += 1) {
    const { id } = await before.value.api.jobs.submit({
      command: ['true'],
      array: { first: 1, last: 20 },
    });
    ids.push(id);
  }
  first.process.kill('SIGKILL');
  const second = start();
  await second.ready();
  before.value.close();
  const after = await connectToHead(second.home);
  if (!after.ok) throw new Error(refusalWords(after.error));
  const jobs = await after.value.api.jobs.list();
  expect(jobs.map(({ id }) => id).sort()).toEqual(ids.sort());
  expect(jobs.every(({ tasks }) => tasks.queued === 20)).toBe(true);
  after.value.close();
});

test('a port that another program uses is one sentence that says what to do', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '0.0.0.0', resolve));
  const { port } = other.address() as AddressInfo;
  const head = start(['--port', String(port)]);
  expect(await head.ended).toEqual({ code: 1, signal: null });
  expect(head.err).toBe(
    `nightshift: Port ${port} is in use by another program; start with --port N.\n`,
  );
  other.close();
});

test.each([
  [
    ['--prot', '1'],
    /^nightshift: Unknown option '--prot'; the options are --home, --port, --practice, --lab\.\n$/,
  ],
  [
    ['--port', 'seven'],
    /^nightshift: --port seven is not a port; give a number from 1 to 65535\.\n$/,
  ],
  [['stray'], /^nightshift: Unexpected argument 'stray'.*; the options are .*\n$/],
])('a head that was called with %j says what is wrong in one line', async (args, sentence) => {
  const head = start(args);
  expect(await head.ended).toEqual({ code: 2, signal: null });
  expect(head.err).toMatch(sentence);
});

test('a store of a newer Nightshift is left alone, in one sentence', async () => {
  const home = join(folder, 'home');
  await start().ready();
  await heads[0]?.stop();
  const db = new DatabaseSync(join(home, 'lab.sqlite'));
  db.exec('PRAGMA user_version = 1000');
  db.close();
  const head = start();
  expect(await head.ended).toEqual({ code: 1, signal: null });
  expect(head.err).toMatch(/^nightshift: .*lab\.sqlite was written by a newer Nightshift .*\n$/);
});

test('a home that is a file is one sentence', async () => {
  writeFileSync(join(folder, 'file'), '');
  const head = start([], join(folder, 'file'));
  expect(await head.ended).toEqual({ code: 1, signal: null });
  expect(head.err).toBe(
    `nightshift: ${join(folder, 'file')} cannot hold the head's data, because it is a file, or lies below one; set NIGHTSHIFT_HOME to a folder of yours.\n`,
  );
});

test('of a checkpoint that does not fit on the disk nothing is left, the head goes on, and what was stored is there', async () => {
  const home = join(folder, 'small');
  using disk = smallDisk(home, 96);
  const head = start(['--port', '0'], disk.folder);
  await head.ready();
  const small = await head.ask('PUT', '/blob', Buffer.alloc(1024 * 1024, 1));
  expect(small.status).toBe(201);

  const full = `the head's disk is full; free some space in ${join(home, 'blobs')}.\n`;
  // Its length is announced: refused at once.
  expect(await head.ask('PUT', '/blob', randomBytes(60 * 1024 * 1024))).toEqual({
    status: 507,
    body: full,
  });
  expect(readdirSync(join(home, 'blobs', 'tmp'))).toEqual([]);

  const { hash } = JSON.parse(small.body) as { hash: string };
  expect((await head.ask('GET', `/blob/${hash}`)).status).toBe(200);
  const connection = await connectToHead(home);
  if (!connection.ok) throw new Error(refusalWords(connection.error));
  expect((await connection.value.api.jobs.submit({ command: ['true'] })).id).toBe('1');
  connection.value.close();
});

test('an upload that did not say its length and fills the disk is refused, and the disk is free again', async () => {
  using disk = smallDisk(join(folder, 'blobs'), 8);
  const blobs = new BlobStore(disk.folder, mebibytes(0));
  async function* endless(): AsyncIterable<Uint8Array> {
    for (;;) yield randomBytes(256 * 1024);
  }
  const before = freeBytes(disk.folder);
  const refused = await blobs.put(endless(), hours(1), undefined);
  expect(refused.ok ? undefined : refused.error).toEqual({
    kind: 'failed',
    code: 'disk-full',
    facts: { folder: disk.folder },
    diskFull: true,
  });
  expect(readdirSync(join(disk.folder, 'tmp'))).toEqual([]);
  expect(freeBytes(disk.folder)).toBe(before);
  expect((await blobs.put(once('small'), hours(1), 5)).ok).toBe(true);
});

test('blobs that nothing needs make way for an upload that would not fit', async () => {
  using disk = smallDisk(join(folder, 'blobs'), 8);
  const blobs = new BlobStore(disk.folder, mebibytes(0));
  const old = await blobs.put(once(Buffer.alloc(mebibytes(6))), millis(-1), undefined);
  blobs.onFull(() => collectBlobs(blobs, () => new Set()));
  const fresh = await blobs.put(once(randomBytes(mebibytes(5))), hours(1), mebibytes(5));
  expect([old.ok, fresh.ok]).toEqual([true, true]);
});

test.each([0, 24 * 1024])(
  'a head that starts on a disk with %i bytes left says that it is full',
  async (left) => {
    using disk = smallDisk(join(folder, 'small'), 4);
    const { bavail, bsize } = statfsSync(disk.folder);
    writeFileSync(join(disk.folder, 'filler'), randomBytes(bavail * bsize - left));
    const head = start(['--port', '0'], disk.folder);
    expect(await head.ended).toEqual({ code: 1, signal: null });
    expect(head.err).toMatch(/^nightshift: the head's disk is full.*; free some space.*\n$/);
  },
);

test('a job that finds the disk full is refused in one sentence, and accepted once there is room', async () => {
  using disk = smallDisk(join(folder, 'small'), 4);
  const head = start(['--port', '0'], disk.folder);
  await head.ready();
  const connection = await connectToHead(head.home);
  if (!connection.ok) throw new Error(refusalWords(connection.error));
  const { api } = connection.value;
  await api.jobs.submit({ command: ['true'], name: 'before' });

  const filler = join(disk.folder, 'filler');
  writeFileSync(filler, Buffer.alloc(freeBytes(disk.folder)));
  const tooMuch = api.jobs.submit({ command: ['true', 'x'.repeat(100_000)], name: 'during' });
  await expect(tooMuch).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringMatching(/the head's disk is full; free some space in/) as string,
  });
  rmSync(filler);
  await api.jobs.submit({ command: ['true'], name: 'after' });
  connection.value.close();
  await head.stop('SIGKILL');

  const again = start(['--port', '0'], disk.folder);
  await again.ready();
  const reconnected = await connectToHead(again.home);
  if (!reconnected.ok) throw new Error(refusalWords(reconnected.error));
  const names = (await reconnected.value.api.jobs.list()).map(({ name }) => name);
  expect(names.sort()).toEqual(['after', 'before']);
  reconnected.value.close();
});

async function* once(content: string | Buffer): AsyncIterable<Uint8Array> {
  yield Buffer.from(content);
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
