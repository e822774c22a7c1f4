import { ok, type Result } from '../../shared/base/result.ts';
import { mebibytes } from '../../shared/base/units.ts';
import { wholeSectors, type DiskImage, type Extent } from '../core/boot-image/disk-image.ts';

/** Reads the files that an image is put together from. */
export interface ContentReader {
  /** Exactly `length` bytes. */
  read(file: string, at: number, length: number): Promise<Result<Uint8Array>>;
}

/** A part of an image that is written and read back at once. */
export interface Piece {
  readonly at: number;
  /** Whole sectors. */
  readonly size: number;
  content(): Promise<Result<Uint8Array>>;
}

/** Large enough that a drive is not slowed down by our asking, small enough that progress is seen to move. */
const largest = mebibytes(1);

export function* imagePieces(
  { extents }: DiskImage,
  contents: ContentReader,
): Generator<Piece, void, void> {
  for (const extent of extents) {
    const whole = wholeSectors(extent.size);
    for (let from = 0; from < whole; from += largest) {
      const size = Math.min(largest, whole - from);
      yield { at: extent.at + from, size, content: () => contentOf(extent, from, size, contents) };
    }
  }
}

/** What is missing to whole sectors is zeros. */
async function contentOf(
  { content, size }: Extent,
  from: number,
  length: number,
  contents: ContentReader,
): Promise<Result<Uint8Array>> {
  const piece = new Uint8Array(length);
  if (content === 'zeros') return ok(piece);
  const there = Math.min(length, size - from);
  if (content instanceof Uint8Array) {
    piece.set(content.subarray(from, from + there));
    return ok(piece);
  }
  const read = await contents.read(content.file, from, there);
  if (!read.ok) return read;
  piece.set(read.value);
  return ok(piece);
}
