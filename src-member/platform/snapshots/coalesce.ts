/** Each piece costs every stage behind it a turn of the thread pool, and a socket gives 16 or 64 KiB at a time. */
const pieceBytes = 256 * 1024;

/** The same bytes in larger pieces. */
export function coalesce(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  return gathered(bytes, (held, length) => Buffer.concat(held, length));
}

/** The same bytes in larger pieces, each with its length before it (u32, little endian). */
export function framed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  return gathered(bytes, (held, length) => Buffer.concat([frameHeader(length), ...held]));
}

export function frameHeader(length: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(length);
  return header;
}

async function* gathered(
  bytes: AsyncIterable<Uint8Array>,
  join: (held: readonly Uint8Array[], length: number) => Buffer,
): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    held.push(chunk);
    length += chunk.length;
    if (length < pieceBytes) continue;
    yield join(held, length);
    held = [];
    length = 0;
  }
  if (length > 0) yield join(held, length);
}
