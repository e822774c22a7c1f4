/**
 * CRIU's images (criu.org/Images): two words of magic, then entries, each with its length (u32, little endian) before it;
 * entries are protocol buffers. Only what this agent looks at or changes is known by name; everything else is kept as it is.
 * Whoever made an image may be hostile: what is not one throws.
 */
const headBytes = 8;
const commonMagic = 0x5456_4319;

/** One field of a message. Numbers are bigints; texts, packed numbers and messages are bytes. */
export interface ImageField {
  readonly number: number;
  readonly wire: number;
  value: bigint | Buffer;
}

export interface Image {
  readonly head: Buffer;
  readonly entries: Message[];
}

export function decodeImage(bytes: Buffer): Image {
  if (bytes.length < headBytes || bytes.readUInt32LE(0) !== commonMagic)
    throw new Error('it is no image of CRIU');
  const entries: Message[] = [];
  let at = headBytes;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw new Error('an image is cut off');
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) throw new Error('an image is cut off');
    entries.push(Message.decode(bytes.subarray(at + 4, end)));
    at = end;
  }
  return { head: bytes.subarray(0, headBytes), entries };
}

export function encodeImage({ head, entries }: Image): Buffer {
  const parts: Buffer[] = [head];
  for (const entry of entries) {
    const body = entry.encode();
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    parts.push(length, body);
  }
  return Buffer.concat(parts);
}

/** protobuf.dev/programming-guides/encoding; CRIU uses varints, lengths and, rarely, fixed words. */
export class Message {
  readonly fields: ImageField[];

  constructor(fields: ImageField[]) {
    this.fields = fields;
  }

  static decode(bytes: Buffer): Message {
    const fields: ImageField[] = [];
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const byte = bytes[at];
        if (byte === undefined) break;
        at += 1;
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return BigInt.asUintN(64, value);
      }
      throw new Error('a number in an image has no end');
    };
    const taken = (length: number): Buffer => {
      if (length > bytes.length - at) throw new Error('a field of an image is cut off');
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const key = varint();
      const [number, wire] = [Number(key >> 3n), Number(key & 7n)];
      if (wire === 0) fields.push({ number, wire, value: varint() });
      else if (wire === 2) fields.push({ number, wire, value: taken(Number(varint())) });
      else if (wire === 1 || wire === 5)
        fields.push({ number, wire, value: Buffer.from(taken(wire === 1 ? 8 : 4)) });
      else throw new Error('a field of an image is of no known kind');
    }
    return new Message(fields);
  }

  encode(): Buffer {
    return Buffer.concat(
      this.fields.flatMap(({ number, wire, value }) => {
        const key = varintOf((BigInt(number) << 3n) | BigInt(wire));
        if (typeof value === 'bigint') return [key, varintOf(value)];
        return wire === 2 ? [key, varintOf(BigInt(value.length)), value] : [key, value];
      }),
    );
  }

  /** The last one counts, as everywhere in protocol buffers. */
  number(number: number): bigint | undefined {
    const found = this.fields.findLast((field) => field.number === number)?.value;
    return typeof found === 'bigint' ? found : undefined;
  }

  /** A repeated number, packed or not. */
  numbers(number: number): readonly bigint[] {
    return this.fields
      .filter((field) => field.number === number)
      .flatMap(({ value }) =>
        typeof value === 'bigint' ? [value] : Message.decode(prefixed(value)).numbers(1),
      );
  }

  text(number: number): string | undefined {
    return this.bytes(number)?.toString('utf8');
  }

  message(number: number): Message | undefined {
    const bytes = this.bytes(number);
    return bytes && Message.decode(bytes);
  }

  /** A repeated message. */
  messages(number: number): readonly Message[] {
    return this.fields.flatMap((field) =>
      field.number === number && typeof field.value !== 'bigint'
        ? [Message.decode(field.value)]
        : [],
    );
  }

  set(number: number, value: bigint | Message): void {
    const wire = typeof value === 'bigint' ? 0 : 2;
    const field = { number, wire, value: typeof value === 'bigint' ? value : value.encode() };
    const at = this.fields.findLastIndex((one) => one.number === number);
    if (at < 0) this.fields.push(field);
    else this.fields[at] = field;
  }

  bytes(number: number): Buffer | undefined {
    const found = this.fields.findLast((field) => field.number === number)?.value;
    return typeof found === 'bigint' ? undefined : found;
  }
}

/** Packed numbers as fields number 1. */
function prefixed(packed: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < packed.length; at += 1) {
    if ((packed[at] ?? 0) >= 0x80) continue;
    parts.push(Buffer.from([1 << 3]), packed.subarray(from, at + 1));
    from = at + 1;
  }
  if (from !== packed.length) throw new Error('a number in an image has no end');
  return Buffer.concat(parts);
}

function varintOf(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? byte | 0x80 : byte);
  } while (rest > 0n);
  return Buffer.from(bytes);
}
