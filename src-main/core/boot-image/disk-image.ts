/** Bytes of an image: in memory, in a file that is read when its turn comes, or nothing but zeros. */
export type ImageContent = Uint8Array | { readonly file: string } | 'zeros';

/** A piece of an image. */
export interface Extent {
  /** Bytes from the beginning, a whole number of sectors. */
  readonly at: number;
  /** Bytes; beyond a content that is shorter, zeros follow up to the next sector. */
  readonly size: number;
  readonly content: ImageContent;
}

/** What is to be written: in order, without overlaps. What lies between extents is nobody's and stays as it is. */
export interface DiskImage {
  /** Bytes of the drive or file. */
  readonly size: number;
  readonly extents: readonly Extent[];
}

export const sectorSize = 512;
export const sectorsOf = (bytes: number): number => Math.ceil(bytes / sectorSize);
export const wholeSectors = (bytes: number): number => sectorsOf(bytes) * sectorSize;

/** Bytes that writing an image takes. */
export const bytesToWrite = ({ extents }: DiskImage): number =>
  extents.reduce((sum, { size }) => sum + wholeSectors(size), 0);

export const shifted = (extents: readonly Extent[], by: number): readonly Extent[] =>
  extents.map((extent) => ({ ...extent, at: extent.at + by }));

/** Puts extents into order; two that overlap are a fault of the layout. */
export function diskImage(size: number, extents: readonly Extent[]): DiskImage {
  const ordered = extents.filter((extent) => extent.size > 0).sort((a, b) => a.at - b.at);
  let end = 0;
  for (const { at, size: length } of ordered) {
    if (at < end || at % sectorSize !== 0) throw new Error(`the extent at ${at} is misplaced`);
    end = at + wholeSectors(length);
  }
  if (end > size) throw new Error(`the image ends at ${end}, the drive at ${size}`);
  return { size, extents: ordered };
}
