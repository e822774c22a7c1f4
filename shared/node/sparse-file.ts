import { open } from 'node:fs/promises';

/** Holes begin and end where file systems can have them. */
const block = 4096;
const zeros = Buffer.alloc(block);

/**
 * Writes what comes into a new file, and leaves holes where it is nothing but zeros: a file of 12 GiB that its program
 * never filled takes up no more elsewhere than it did there. `onWritten` hears of bytes that take up room.
 */
export async function writeSparse(
  path: string | Buffer,
  source: AsyncIterable<Uint8Array>,
  {
    mode = 0o600,
    flush = false,
    onWritten = () => undefined,
  }: {
    readonly mode?: number;
    /** It is on the disk when this returns. */
    readonly flush?: boolean;
    readonly onWritten?: (bytes: number) => void | Promise<void>;
  } = {},
): Promise<number> {
  const file = await open(path, 'wx', mode);
  try {
    let size = 0;
    for await (const piece of source) {
      for (const { from, to } of filledParts(piece, size)) {
        await writeAll(file, piece.subarray(from, to), size + from);
        const more = onWritten(to - from);
        if (more !== undefined) await more;
      }
      size += piece.length;
    }
    // A hole at the end is as long as the file says.
    await file.truncate(size);
    if (flush) await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

/**
 * Where a piece that lies at `offset` of its file is not only zeros, in whole blocks of the file. Beginnings and ends of
 * blocks that other pieces share are taken for filled unless they are zeros, too.
 */
export function filledParts(
  piece: Uint8Array,
  offset: number,
): readonly { readonly from: number; readonly to: number }[] {
  const parts: { from: number; to: number }[] = [];
  for (let from = 0; from < piece.length;) {
    const to = Math.min(piece.length, from + block - ((offset + from) % block));
    if (zeros.compare(piece, from, to, 0, to - from) !== 0) {
      const last = parts.at(-1);
      if (last?.to === from) last.to = to;
      else parts.push({ from, to });
    }
    from = to;
  }
  return parts;
}

async function writeAll(
  file: Awaited<ReturnType<typeof open>>,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
