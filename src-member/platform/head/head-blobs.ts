import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request, type Agent } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { attemptHeader, hashHeader, httpPaths } from '../../../shared/api/http-paths.ts';
import { ok, type Result } from '../../../shared/base/result.ts';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { BlobFault, HeadBlobs, StoredAt } from '../../ports/task-files.ts';
import { verified } from '../../../shared/domain/verified-bytes.ts';
import { holesType, packHoles, unpackHoles } from '../../../shared/node/hole-stream.ts';
import { blobHashField } from '../../../shared/wire/fields.ts';

export interface HeadAddress {
  /** `https://host:port`, or undefined before the head was found. */
  url(): string | undefined;
  readonly agent: Agent;
}

const storedSchema = z.object({ hash: blobHashField, size: z.number().int().nonnegative() });
const refusalSchema = z.object({ sentence: z.string() });

/** Without a sign of life for this long a transfer is given up. */
const patience = 30_000;

type Fault = { readonly ok: false; readonly error: BlobFault };
const fault = (why: BlobFault['why'], reason: string): Fault => ({
  ok: false,
  error: { why, reason },
});

/** `GET`, `HEAD` and `PUT /blob` over the connection that is proven already. */
export class HttpsHeadBlobs implements HeadBlobs {
  readonly #head: HeadAddress;

  constructor(head: HeadAddress) {
    this.#head = head;
  }

  async store(
    bytes: AsyncIterable<Uint8Array>,
    of: AttemptKey,
    hasHoles = false,
  ): Promise<Result<StoredAt, BlobFault>> {
    const sending = this.#ask('PUT', httpPaths.blob, of);
    if (!sending) return notFound;
    if (hasHoles) sending.setHeader('content-type', holesType);
    const answer = answerTo(sending);
    const sum = createHash('sha256');
    const summed = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of bytes) {
        sum.update(piece);
        yield piece;
      }
    };
    const sent = pipeline(hasHoles ? packHoles(summed()) : summed(), sending).then(
      () => undefined,
      (error: unknown) => wordsOf(error),
    );
    const answered = await answer;
    if (!answered.ok) {
      const reading = await sent;
      return reading === undefined ? answered : fault('unreachable', reading);
    }
    // The head may answer before it has everything, when its disk is full.
    const { statusCode = 0 } = answered.value;
    const text = await bodyOf(answered.value);
    if (statusCode !== 200 && statusCode !== 201) {
      sending.destroy();
      await sent;
      return fault('refused', sentenceIn(text) ?? `the head answered with ${statusCode}`);
    }
    const trouble = await sent;
    const stored = decodeSafely(storedSchema, parsed(text));
    if (trouble !== undefined) return fault('unreachable', trouble);
    if (!stored.success) return fault('unreachable', 'the head answered oddly');
    // What it has under another name than ours is not what was sent.
    return stored.data.hash === sum.digest('hex')
      ? ok(stored.data)
      : fault('unreachable', 'what the head stored is not what was sent');
  }

  async read(hash: BlobHash): Promise<Result<AsyncIterable<Uint8Array>, BlobFault>> {
    const answered = await this.#get(`${httpPaths.blob}/${hash}`);
    if (!answered.ok) return answered;
    const hasHoles = answered.value.headers['content-type'] === holesType;
    const bytes = hasHoles ? unpackHoles(answered.value) : answered.value;
    return ok(verified(hash, bytes, createHash('sha256')));
  }

  /** A software pack, as a squashfs. */
  async readPack(name: string): Promise<Result<AsyncIterable<Uint8Array>, BlobFault>> {
    const answered = await this.#get(`${httpPaths.pack}/${encodeURIComponent(name)}`);
    if (!answered.ok) return answered;
    const hash = decodeSafely(blobHashField, answered.value.headers[hashHeader]);
    return hash.success
      ? ok(verified(hash.data, answered.value, createHash('sha256')))
      : fault('refused', 'the head did not say which bytes it is made of');
  }

  async #get(path: string): Promise<Result<IncomingMessage, BlobFault>> {
    const asking = this.#ask('GET', path);
    if (!asking) return notFound;
    asking.setHeader('accept', holesType);
    asking.end();
    const answered = await answerTo(asking);
    if (!answered.ok) return answered;
    const { statusCode = 0 } = answered.value;
    if (statusCode === 200) return answered;
    const text = await bodyOf(answered.value);
    return fault(
      statusCode === 404 || statusCode === 410 ? 'absent' : 'refused',
      sentenceIn(text) ?? `the head answered with ${statusCode}`,
    );
  }

  /** Whether the head has it already, whole. It keeps it for this attempt from now on. */
  async has({ hash, size }: StoredAt, of: AttemptKey): Promise<boolean> {
    const asking = this.#ask('HEAD', `${httpPaths.blob}/${hash}`, of);
    if (!asking) return false;
    asking.end();
    const answered = await answerTo(asking);
    if (!answered.ok) return false;
    answered.value.resume();
    const { statusCode, headers } = answered.value;
    return statusCode === 200 && Number(headers['content-length']) === size;
  }

  #ask(method: string, path: string, of?: AttemptKey): ClientRequest | undefined {
    const url = this.#head.url();
    if (url === undefined) return undefined;
    const asking = request(new URL(path, url), {
      method,
      agent: this.#head.agent,
      headers: of ? { [attemptHeader]: attemptName(of) } : {},
    });
    asking.setTimeout(patience, () => asking.destroy(new Error('the head does not answer')));
    asking.on('error', () => undefined);
    return asking;
  }
}

const notFound = fault('unreachable', 'the head has not been found yet');

function answerTo(asking: ClientRequest): Promise<Result<IncomingMessage, BlobFault>> {
  return new Promise((resolve) => {
    asking.once('response', (response) => {
      response.on('error', () => undefined);
      resolve(ok(response));
    });
    asking.once('error', (error) => resolve(fault('unreachable', error.message)));
    asking.once('close', () => resolve(fault('unreachable', 'the connection to the head broke')));
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) if (text.length < 10_000) text += String(chunk);
  } catch {
    // What came before has to do.
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function sentenceIn(text: string): string | undefined {
  const refusal = decodeSafely(refusalSchema, parsed(text));
  if (refusal.success) return refusal.data.sentence;
  // Blobs are refused in plain text, one sentence.
  const plain = text.trim();
  return plain !== '' && plain.length < 500 && !plain.includes('\n') && !plain.startsWith('<')
    ? plain
    : undefined;
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
