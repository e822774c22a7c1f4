// What a head and its helper for drives say to each other over the helper's standard input and output: a header in JSON and
// what is written or read, as it is.
import { z } from 'zod';
import { mebibytes } from '../../../shared/base/units.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';

const place = { drive: z.int().nonnegative(), at: z.int().nonnegative() };
const requestSchema = z.discriminatedUnion('op', [
  z.object({
    ...{ op: z.literal('open'), id: z.int().nonnegative() },
    ...{ path: z.string().max(200), identity: z.string().max(500) },
  }),
  z.object({ op: z.literal('write'), id: z.int().nonnegative(), ...place }),
  z.object({
    ...{ op: z.literal('read'), id: z.int().nonnegative(), ...place },
    length: z.int().nonnegative().max(mebibytes(16)),
  }),
  z.object({
    ...{ op: z.enum(['settle', 'close']), id: z.int().nonnegative() },
    drive: z.int().nonnegative(),
  }),
]);
export type WriterRequest = z.infer<typeof requestSchema>;

const answerSchema = z.object({
  id: z.int().nonnegative(),
  /** Of a drive that was opened. */
  opened: z.object({ drive: z.int().nonnegative(), size: z.int().nonnegative() }).optional(),
  refused: z
    .object({
      fault: z.enum(['vanished', 'swapped', 'busy', 'full', 'read-only', 'broken']),
      sentence: z.string(),
    })
    .optional(),
});
export type WriterAnswer = z.infer<typeof answerSchema>;

export interface Frame<Header> {
  readonly header: Header;
  readonly body: Uint8Array;
}

const headerAtMost = 4096;
const bodyAtMost = mebibytes(16);
const prefixLength = 8;

/** Lengths of header and body, 32 bits each, little-endian; then both. */
export function encodeFrame(header: WriterRequest | WriterAnswer, body?: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32LE(text.length, 0);
  prefix.writeUInt32LE(body?.length ?? 0, 4);
  return Buffer.concat(body === undefined ? [prefix, text] : [prefix, text, body]);
}

/** Reads frames from a stream; undefined once something is not one, and from then on. */
export class FrameReader<Header> {
  readonly #schema: z.ZodType<Header>;
  #held = Buffer.alloc(0);
  #isSpoiled = false;

  constructor(schema: z.ZodType<Header>) {
    this.#schema = schema;
  }

  /** Frames that are whole with this chunk. */
  push(chunk: Uint8Array): readonly Frame<Header>[] | undefined {
    if (this.#isSpoiled) return undefined;
    this.#held = Buffer.concat([this.#held, chunk]);
    const frames: Frame<Header>[] = [];
    for (;;) {
      const frame = this.#take();
      if (frame === 'unfinished') return frames;
      if (frame === 'spoiled') {
        this.#isSpoiled = true;
        this.#held = Buffer.alloc(0);
        return undefined;
      }
      frames.push(frame);
    }
  }

  #take(): Frame<Header> | 'unfinished' | 'spoiled' {
    if (this.#held.length < prefixLength) return 'unfinished';
    const headerLength = this.#held.readUInt32LE(0);
    const bodyLength = this.#held.readUInt32LE(4);
    if (headerLength > headerAtMost || bodyLength > bodyAtMost) return 'spoiled';
    const bodyAt = prefixLength + headerLength;
    const end = bodyAt + bodyLength;
    if (this.#held.length < end) return 'unfinished';
    const header = this.#headerIn(this.#held.toString('utf8', prefixLength, bodyAt));
    if (header === undefined) return 'spoiled';
    const body = Uint8Array.from(this.#held.subarray(bodyAt, end));
    this.#held = this.#held.subarray(end);
    return { header, body };
  }

  #headerIn(text: string): Header | undefined {
    try {
      const decoded = decodeSafely(this.#schema, JSON.parse(text));
      return decoded.success ? decoded.data : undefined;
    } catch {
      return undefined;
    }
  }
}

export const readRequests = (): FrameReader<WriterRequest> => new FrameReader(requestSchema);
export const readAnswers = (): FrameReader<WriterAnswer> => new FrameReader(answerSchema);
