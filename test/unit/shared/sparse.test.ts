import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packHoles, unpackHoles } from '../../../shared/node/hole-stream.ts';
import { writeSparse } from '../../../shared/node/sparse-file.ts';

/** Of the kind: holes at the beginning, in the middle, at the end, nothing but a hole, and zeros that somebody wrote. */
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nightshift-sparse-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* inPieces(
  bytes: Uint8Array,
  lengths: readonly number[],
): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}
/** A few kilobytes, some of them zeros. */
const someBytes = fc
  .array(
    fc.oneof(
      fc.nat(9000).map((length) => Buffer.alloc(length)),
      fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts));
const someLengths = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 4 });

describe('holes', () => {
  test('what was packed comes out as it went in, however it is cut on its way', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, someLengths, someLengths, async (bytes, before, after) => {
        const packed = await all(packHoles(inPieces(bytes, before)));
        expect(await all(unpackHoles(inPieces(packed, after)))).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  test('what breaks off or is something else is no file', async () => {
    const packed = await all(packHoles(inPieces(Buffer.from('content'), [3])));
    for (const bad of [packed.subarray(0, -1), Buffer.from('plain text'), Buffer.from([0, 1])])
      await expect(all(unpackHoles(inPieces(bad, [4])))).rejects.toThrow();
    const endless = Buffer.concat(Array<Buffer>(300).fill(Buffer.from([0, 255, 255, 255, 255])));
    const reading = unpackHoles(inPieces(endless.subarray(5 * 40), [endless.length]));
    await reading.next();
    await reading.return(undefined);
  });

  test('a large file that nobody filled is a few bytes on the wire, and no more on the disk', async () => {
    const path = join(folder, 'holes');
    writeFileSync(path, 'begin');
    truncateSync(path, 1 << 28);
    const packed = await all(packHoles(createReadStream(path, { highWaterMark: 1 << 20 })));
    expect(packed.length).toBeLessThan(10_000);
    const copy = join(folder, 'copy');
    expect(await writeSparse(copy, unpackHoles(inPieces(packed, [100])))).toBe(1 << 28);
    const { size, blocks } = statSync(copy);
    expect([size, blocks * 512 < 1 << 20]).toEqual([1 << 28, true]);
  });

  test('what is written is what was read, wherever pieces end', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(someBytes, someLengths, async (bytes, lengths) => {
        const path = join(folder, String((number += 1)));
        expect(await writeSparse(path, inPieces(bytes, lengths))).toBe(bytes.length);
        const sum = createHash('sha256')
          .update(await all(createReadStream(path)))
          .digest('hex');
        expect(sum).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
      { numRuns: 60 },
    );
  });
});
