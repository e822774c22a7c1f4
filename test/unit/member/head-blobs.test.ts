import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ok } from '../../../shared/base/result.ts';
import { blobHash, epoch, jobId, taskIdOf, type BlobHash } from '../../../shared/domain/ids.ts';
import type { InputFile } from '../../../shared/domain/job.ts';
import type { HeadBlobs } from '../../../src-member/ports/task-files.ts';
import { BlobCache } from '../../../src-member/platform/task-files/blob-cache.ts';
import { HttpsHeadBlobs } from '../../../src-member/platform/head/head-blobs.ts';

/** What is proven elsewhere is left out here: the bytes go in the clear. */
class PlainAgent extends Agent {
  constructor() {
    super({ keepAlive: false });
    this.createConnection = ({ port }: { port: number }) => connect(port, '127.0.0.1');
  }
}

const hashOf = (text: string): BlobHash =>
  blobHash(createHash('sha256').update(text).digest('hex'));
const inputOf = (text: string, path: string, executable = false): InputFile => ({
  path,
  hash: hashOf(text),
  size: text.length,
  executable,
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-cache-'));
  for (const task of ['one', 'two', 'task']) mkdirSync(join(folder, task));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the cache of inputs', () => {
  const user = process.getuid?.() ?? 0;
  let asked: string[];
  const blobsWith = (...texts: readonly string[]): HeadBlobs => {
    const held = new Map(texts.map((text) => [hashOf(text), text]));
    asked = [];
    return {
      store: () => Promise.reject(new Error('not here')),
      read: async (hash) => {
        asked.push(hash);
        const text = held.get(hash);
        if (text === undefined)
          return { ok: false, error: { why: 'absent', reason: 'there is no such blob' } };
        return ok(bytesOf(text));
      },
    };
  };
  async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
    for (const letter of text) yield Buffer.from(letter);
  }

  test('lays inputs down as the task’s own files, and fetches each but once', async () => {
    const cache = new BlobCache(join(folder, 'cache'), blobsWith('frame', 'tool'), 1000, user);
    const inputs = [
      inputOf('frame', 'a/b/frame.txt'),
      inputOf('frame', 'again'),
      inputOf('tool', 'tool', true),
    ];
    for (const task of ['one', 'two'])
      expect(await cache.place(inputs, join(folder, task))).toEqual(ok(null));
    expect(asked.length).toBe(2);
    expect(readFileSync(join(folder, 'one/a/b/frame.txt'), 'utf8')).toBe('frame');
    expect(statSync(join(folder, 'one/tool')).mode & 0o777).toBe(0o755);
    writeFileSync(join(folder, 'one/again'), 'changed by the program');
    expect(readFileSync(join(folder, 'two/again'), 'utf8')).toBe('frame');
  });

  test('forgets what was used least recently when it is full', async () => {
    const cache = new BlobCache(join(folder, 'cache'), blobsWith('aaaa', 'bbbb', 'cccc'), 8, user);
    const place = (text: string): Promise<unknown> =>
      cache.place([inputOf(text, text)], join(folder, 'task'));
    await place('aaaa');
    await place('bbbb');
    await place('aaaa');
    await place('cccc');
    expect(existsSync(join(folder, 'cache', hashOf('bbbb')))).toBe(false);
    await place('aaaa');
    expect(asked).toEqual([hashOf('aaaa'), hashOf('bbbb'), hashOf('cccc')]);
  });

  test('says which input the head has no more, and whose fault that is', async () => {
    const cache = new BlobCache(join(folder, 'cache'), blobsWith(), 8, user);
    expect(await cache.place([inputOf('x', 'scene.pov')], join(folder, 'task'))).toEqual({
      ok: false,
      error: {
        cause: 'unstartable',
        reason: 'the head does not have the input "scene.pov" any more; submit the job again',
      },
    });
  });

  test('does not take what arrives damaged', async () => {
    const blobs: HeadBlobs = { ...blobsWith(), read: async () => ok(bytesOf('other')) };
    const cache = new BlobCache(join(folder, 'cache'), blobs, 100, user);
    const placed = await cache.place([inputOf('right', 'in')], join(folder, 'task'));
    expect(placed).toMatchObject({ ok: false, error: { cause: 'machine' } });
  });
});

describe('the head’s blobs over the wire', () => {
  const of = { task: taskIdOf(jobId('4'), 0), epoch: epoch(2) };
  let server: Server;
  let answer: (asked: IncomingMessage, reply: ServerResponse) => void;
  let blobs: HttpsHeadBlobs;
  beforeEach(async () => {
    server = createServer((asked, reply) => answer(asked, reply));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    blobs = new HttpsHeadBlobs({
      url: () => `https://127.0.0.1:${port}`,
      agent: new PlainAgent(),
    });
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });
  async function* bytes(count: number): AsyncGenerator<Uint8Array> {
    for (let number = 0; number < count; number += 1) yield new Uint8Array(100_000);
  }

  test('stores, and gives the hash that the head found', async () => {
    answer = (asked, reply) => {
      expect(asked.headers['nightshift-attempt']).toBe('4.0.2');
      let size = 0;
      const sum = createHash('sha256');
      asked.on('data', (chunk: Buffer) => {
        size += chunk.length;
        sum.update(chunk);
      });
      asked.on('end', () => reply.end(JSON.stringify({ hash: sum.digest('hex'), size })));
    };
    const hash = createHash('sha256').update(new Uint8Array(2_000_000)).digest('hex');
    expect(await blobs.store(bytes(20), of)).toEqual(ok({ hash, size: 2_000_000 }));
  });

  test('takes half a blob on the head for none', async () => {
    answer = (_asked, reply) => reply.writeHead(200, { 'content-length': 5 }).end();
    expect(await blobs.has({ hash: hashOf('x'), size: 5 }, of)).toBe(true);
    expect(await blobs.has({ hash: hashOf('x'), size: 6 }, of)).toBe(false);
  });

  test('does not rely on a head that stored something else', async () => {
    answer = (asked, reply) => {
      asked.resume();
      asked.on('end', () => reply.end(JSON.stringify({ hash: hashOf('x'), size: 2_000_000 })));
    };
    expect(await blobs.store(bytes(20), of)).toEqual({
      ok: false,
      error: { why: 'unreachable', reason: 'what the head stored is not what was sent' },
    });
  });

  /** All of it, or the complaint. */
  async function readAll(reading: ReturnType<HttpsHeadBlobs['read']>): Promise<string> {
    const answered = await reading;
    if (!answered.ok) return answered.error.reason;
    let text = '';
    try {
      for await (const piece of answered.value) text += Buffer.from(piece).toString();
    } catch (error) {
      return `${text.length < 6 ? 'not whole' : 'whole'}: ${String(error)}`;
    }
    return text;
  }

  // Checkpoints, inputs and logs come by their hash, software packs by their name.
  test('gives bytes by their hash, and never to the end when they are others', async () => {
    answer = (_asked, reply) => reply.end('right!');
    expect(await readAll(blobs.read(hashOf('right!')))).toBe('right!');
    expect(await readAll(blobs.read(hashOf('wrong!')))).toBe(
      'not whole: Error: its bytes are not what their hash says',
    );
    answer = (_asked, reply) => reply.end('');
    expect(await readAll(blobs.read(hashOf('')))).toBe('');
  });

  test('gives a software pack only as the head described it', async () => {
    let described: string | undefined = hashOf('a pack');
    answer = (_asked, reply) => {
      if (described !== undefined) reply.setHeader('x-content-sha256', described);
      reply.end('a pack');
    };
    expect(await readAll(blobs.readPack('base'))).toBe('a pack');
    described = hashOf('A pack');
    expect(await readAll(blobs.readPack('base'))).toContain('not whole');
    described = undefined;
    expect(await readAll(blobs.readPack('base'))).toBe(
      'the head did not say which bytes it is made of',
    );
  });

  test('hands on the head’s own sentence when its disk is full', async () => {
    const sentence = 'the disk of the head is full; make room and try again.';
    answer = (_asked, reply) => {
      reply.writeHead(507, { connection: 'close' });
      reply.end(JSON.stringify({ code: 'failed', sentence }));
    };
    expect(await blobs.store(bytes(200), of)).toEqual({
      ok: false,
      error: { why: 'refused', reason: sentence },
    });
  });

  test('says that the head is not there when the connection breaks', async () => {
    answer = (asked) => asked.socket.destroy();
    expect(await blobs.store(bytes(20), of)).toMatchObject({ error: { why: 'unreachable' } });
    expect(await blobs.read(hashOf('x'))).toMatchObject({ error: { why: 'unreachable' } });
    expect(await blobs.has({ hash: hashOf('x'), size: 1 }, of)).toBe(false);
  });

  test('does not take half of a state for the whole when reading it fails', async () => {
    let ended = false;
    answer = (asked, reply) => {
      asked.on('error', () => undefined);
      asked.on('end', () => (ended = true));
      asked.resume();
      reply.on('error', () => undefined);
    };
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield* bytes(5);
      throw new Error('tar ended with 2');
    };
    expect(await blobs.store(failing(), of)).toMatchObject({ ok: false });
    expect(ended).toBe(false);
  });
});
