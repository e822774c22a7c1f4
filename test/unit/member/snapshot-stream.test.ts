import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packed, unpack } from '../../../src-member/platform/snapshots/snapshot-stream.ts';
import { taskFolderAt } from '../../../src-member/platform/task-files/task-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-stream-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a snapshot that was taken apart looks like. */
async function aState(): Promise<Buffer> {
  const from = join(folder, 'from');
  for (const part of ['img', 'ns', 'task', 'u']) mkdirSync(join(from, part), { recursive: true });
  writeFileSync(join(from, 'carried.json'), '{}');
  writeFileSync(join(from, 'img', 'pages-1.img'), Buffer.alloc(200_000, 'a page of text '));
  writeFileSync(join(from, 'task', 'noise'), randomBytes(20_000));
  linkSync(join(from, 'task', 'noise'), join(from, 'task', 'twin'));
  symlinkSync('task/noise', join(from, 'task', 'link'));
  writeFileSync(join(from, 'task', 'holes'), '');
  truncateSync(join(from, 'task', 'holes'), 6 * 2 ** 30);
  appendFileSync(join(from, 'task', 'holes'), 'data');
  const pieces: Uint8Array[] = [];
  for await (const piece of packed({ base: from, files: from }, null)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function unpacked(bytes: Buffer, into: string): Promise<number> {
  const target = taskFolderAt(join(folder, into));
  mkdirSync(target.files, { recursive: true });
  const stream = (async function* () {
    for (let at = 0; at < bytes.length; at += 5000) yield bytes.subarray(at, at + 5000);
  })();
  return (await unpack(target, stream)).code;
}

/**
 * A move has no hash beside it, as a checkpoint has: what arrives is judged by the stream itself. Most flipped bits in
 * what zstd cannot compress went unnoticed without its checksum.
 */
describe('the stream of a program’s state', () => {
  test('arrives as it was sent', async () => {
    const state = await aState();
    expect(await unpacked(state, 'to')).toBe(0);
    const to = taskFolderAt(join(folder, 'to'));
    for (const [here, there] of [
      [join(to.task, 'noise'), 'task/noise'],
      [join(to.images, 'pages-1.img'), 'img/pages-1.img'],
    ] as const)
      expect(readFileSync(here)).toEqual(readFileSync(join(folder, 'from', there)));
    // Links are other names of what is beside them, or say what they said.
    expect(readlinkSync(join(to.task, 'link'))).toBe('task/noise');
    expect(statSync(join(to.task, 'twin')).ino).toBe(statSync(join(to.task, 'noise')).ino);
    expect(statSync(join(to.task, 'holes'))).toMatchObject({ size: 6 * 2 ** 30 + 4, blocks: 8 });
  });

  test('is refused with any one bit of it flipped', { timeout: 30_000 }, async () => {
    const state = await aState();
    const taken: number[] = [];
    for (let number = 0; number < 40; number += 1) {
      const at = Math.floor((state.length * (number + 0.5)) / 40);
      const flipped = Buffer.from(state);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (number % 8)), at);
      if ((await unpacked(flipped, String(number))) === 0) taken.push(at);
    }
    expect(taken).toEqual([]);
  });

  test('is refused when its end is missing', async () => {
    const state = await aState();
    for (const missing of [1, 4, 5, 600])
      expect(await unpacked(state.subarray(0, -missing), String(missing))).not.toBe(0);
  });
});
