import { expect, test } from 'vitest';
import { bytes } from '../../../shared/base/units.ts';
import { OpenDevice, type OpenFile } from '../../../src-main/platform/drives/open-device.ts';
import { blockDeviceContract } from './block-device.contract.ts';
import { ok } from '../../../shared/base/result.ts';

// The adapter of real drives on a system that does what systems may do (write(2), pwrite(2)).

const size = bytes(8 * 1024 * 1024);

/** Takes and gives fewer bytes than it is asked to, as the system may; `fails` says with which error it ends. */
class ScantFile implements OpenFile {
  readonly content = new Uint8Array(size);
  fails: string | undefined;
  end: number = size;
  syncs = 0;
  readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  async write(from: Uint8Array, offset: number, length: number, position: number) {
    this.#fail();
    const bytesWritten = Math.max(0, Math.min(length, this.most, this.end - position));
    this.content.set(from.subarray(offset, offset + bytesWritten), position);
    return { bytesWritten };
  }
  async read(into: Uint8Array, offset: number, length: number, position: number) {
    this.#fail();
    const bytesRead = Math.max(0, Math.min(length, this.most, this.end - position));
    into.set(this.content.subarray(position, position + bytesRead), offset);
    return { bytesRead };
  }
  async sync(): Promise<void> {
    this.#fail();
    this.syncs += 1;
  }
  async datasync(): Promise<void> {
    this.#fail();
  }
  async close(): Promise<void> {}

  #fail(): void {
    if (this.fails !== undefined) throw Object.assign(new Error(this.fails), { code: this.fails });
  }
}

const none = { forget: async () => undefined, released: async () => undefined };
const opened = (file: OpenFile): OpenDevice => new OpenDevice('/dev/sdb', file, size, none);

const file = new ScantFile(70_001);
blockDeviceContract(() => ({ size, keeps: true, open: async () => ok(opened(file)) }));

test('what the system takes in short pieces is written whole', async () => {
  const scant = new ScantFile(7);
  const content = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
  expect(await opened(scant).write(512, content)).toEqual(ok(null));
  expect([...scant.content.subarray(512, 1512)]).toEqual([...content]);
  expect(await opened(scant).read(512, 1000)).toEqual(ok(content));
});

test('a drive that ends sooner than it said is broken, not written for ever', async () => {
  const scant = new ScantFile(4096);
  scant.end = 1000;
  const device = opened(scant);
  const sentence = '/dev/sdb ends at byte 1000, sooner than it said it would.';
  expect(await device.write(512, new Uint8Array(1000))).toMatchObject({
    error: { fault: 'broken', facts: { sentence } },
  });
  expect(await device.read(512, 1000)).toMatchObject({
    error: { fault: 'broken', facts: { sentence } },
  });
});

test.each([
  ['EIO', 'broken', 'answered with an error (EIO)'],
  ['ENODEV', 'vanished', 'was it unplugged?'],
  ['ENXIO', 'vanished', 'was it unplugged?'],
  ['ENOSPC', 'full', 'no room left'],
  ['EROFS', 'read-only', 'move its switch'],
])('%s means that it is %s, in words', async (code, fault, words) => {
  const scant = new ScantFile(4096);
  scant.fails = code;
  const device = opened(scant);
  const meant = { error: { fault, facts: { sentence: expect.stringContaining(words) as string } } };
  expect(await device.write(0, new Uint8Array(512))).toMatchObject(meant);
  expect(await device.read(0, 512)).toMatchObject(meant);
  expect(await device.settle()).toMatchObject(meant);
});
