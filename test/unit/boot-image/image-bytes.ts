import type { DiskImage, Extent } from '../../../src-main/core/boot-image/disk-image.ts';

/** The image as it would lie on a drive that was full of something else before. */
export function bytesOf(
  { size, extents }: Pick<DiskImage, 'size' | 'extents'>,
  before = 0xa5,
): Uint8Array {
  const drive = new Uint8Array(size).fill(before);
  for (const extent of extents) write(drive, extent);
  return drive;
}

function write(drive: Uint8Array, { at, size, content }: Extent): void {
  drive.fill(0, at, at + Math.ceil(size / 512) * 512);
  if (content instanceof Uint8Array) drive.set(content.subarray(0, size), at);
  else if (content !== 'zeros') throw new Error('made-up images hold no files');
}
