import { setImmediate } from 'node:timers/promises';
import { filledParts } from './sparse-file.ts';

/**
 * A file with holes on its way: records of a byte and a length, 1 and data, or 0 and as many zeros. 12 GiB that nobody
 * wrote are a few kilobytes on the wire.
 */
export const holesType = 'application/vnd.nightshift.holes';

const headerLength = 5;
/** So that something goes over the wire every now and then while nothing but zeros is read. */
const longestHole = 64 * 1024 * 1024;
/** Of one file, holes and all. */
const longestFile = 2 ** 40;
const zeros = Buffer.alloc(1024 * 1024);
/** Zeros between two pauses: no device makes us wait for them, and others want to be served. */
const pauseEvery = 4;

export async function* packHoles(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let hole = 0;
  let offset = 0;
  for await (const piece of source) {
    let at = 0;
    for (const { from, to } of filledParts(piece, offset)) {
      hole += from - at;
      if (hole > 0) yield header(0, hole);
      hole = 0;
      yield header(1, to - from);
      yield piece.subarray(from, to);
      at = to;
    }
    hole += piece.length - at;
    offset += piece.length;
    if (hole < longestHole) continue;
    yield header(0, hole);
    hole = 0;
  }
  if (hole > 0) yield header(0, hole);
}

/** Throws at what is no such stream, or does not end where it should. */
export async function* unpackHoles(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  let data = 0;
  let size = 0;
  for await (const piece of source) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    for (;;) {
      if (data > 0) {
        if (held.length === 0) break;
        const part = held.subarray(0, data);
        data -= part.length;
        held = held.subarray(part.length);
        yield part;
        continue;
      }
      if (held.length < headerLength) break;
      const kind = held[0];
      const length = held.readUInt32BE(1);
      held = held.subarray(headerLength);
      size += length;
      if (kind !== 0 && kind !== 1) throw new Error('what came is no file with holes');
      if (size > longestFile) throw new Error('the file is longer than 1 TiB, holes and all');
      if (kind === 1) data = length;
      else yield* hole(length);
    }
  }
  if (data > 0 || held.length > 0) throw new Error('the file breaks off');
}

async function* hole(length: number): AsyncGenerator<Uint8Array> {
  for (let left = length, count = 1; left > 0; count += 1) {
    const part = zeros.subarray(0, Math.min(left, zeros.length));
    left -= part.length;
    yield part;
    if (count % pauseEvery === 0) await setImmediate();
  }
}

function header(kind: 0 | 1, length: number): Buffer {
  const bytes = Buffer.alloc(headerLength);
  bytes[0] = kind;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
