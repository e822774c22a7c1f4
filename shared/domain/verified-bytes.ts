import type { BlobHash } from './ids.ts';

/** SHA-256, as `createHash` of Node gives it. */
export interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

export class DamagedBytes extends Error {}

/**
 * The same bytes, hashed as they pass. When they are not what the hash says this throws in the place of the last piece:
 * nobody can take them for whole, and what was done with them so far is to be undone.
 */
export async function* verified(
  hash: BlobHash,
  bytes: AsyncIterable<Uint8Array>,
  sum: Digest,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  for await (const piece of bytes) {
    sum.update(piece);
    if (held) yield held;
    held = piece;
  }
  if (sum.digest('hex') !== hash) throw new DamagedBytes('its bytes are not what their hash says');
  if (held) yield held;
}
