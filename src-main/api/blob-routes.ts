import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { attemptHeader, httpPaths } from '../../shared/api/http-paths.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { hours, type Millis } from '../../shared/base/units.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import {
  blobHash,
  epoch,
  parseTaskId,
  taskIdOf,
  type BlobHash,
  type MemberId,
} from '../../shared/domain/ids.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import { holesType, packHoles, unpackHoles } from '../../shared/node/hole-stream.ts';
import type { BlobStore } from '../platform/blobs/blob-store.ts';
import { rangeOf } from '../platform/listener/byte-range.ts';
import type { Peer } from '../platform/listener/peer.ts';
import type { RequestHandler } from '../platform/listener/router.ts';
import type { Access } from './access.ts';
import { refuseBody, sendSentence } from './plain-answers.ts';

/** The member's attempt for which a blob was sent or asked about. */
export type BlobHold = (member: MemberId, of: AttemptKey, hash: BlobHash) => void;

/** People send the inputs of a job one by one and submit it at the end, perhaps after a night's upload. */
const personKeeps = hours(6);

/**
 * A member speaks of what it has sent as soon as its link is up, and a member without a link for `lostAfter` is
 * lost and what it sent with it. Several times that, for clocks and slow disks.
 */
export const memberKeeps = (timings: LabTimings): Millis => (4 * timings.lostAfter) as Millis;

/** A sender that is silent for so long is gone. */
const silence = 120_000;

export interface BlobRoutesSettings {
  readonly blobs: BlobStore;
  readonly access: Access;
  readonly timings: LabTimings;
  readonly hold: BlobHold;
}

/** `/blob` of the contract's `httpPaths`. */
export function blobRoutes({ blobs, access, timings, hold }: BlobRoutesSettings): RequestHandler {
  return async (request, response, peer) => {
    const keepFor = mayCome(request, peer) ? keepsFor(peer) : undefined;
    if (keepFor === undefined) {
      refuseBody(request, response, 401, 'Show the token of this head, or a member certificate.');
      return;
    }
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const name = path.slice(httpPaths.blob.length + 1);
    if (request.method === 'PUT' && name === '') return receive(request, response, peer, keepFor);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuseBody(request, response, 405, 'Blobs are stored by PUT /blob and fetched by GET.');
      return;
    }
    if (!/^[0-9a-f]{64}$/.test(name)) {
      sendSentence(response, 404, 'A blob is named by the 64 hex digits of its SHA-256.');
      return;
    }
    await hand(request, response, blobHash(name), peer, keepFor);
  };

  function mayCome(request: IncomingMessage, peer: Peer): boolean {
    return peer.kind === 'member' || access.callerOf(request) === 'known';
  }

  function keepsFor(peer: Peer): Millis {
    return peer.kind === 'member' ? memberKeeps(timings) : personKeeps;
  }

  /** Until the attempt is over, however long the rest of what belongs to it takes. */
  function holdFor(request: IncomingMessage, peer: Peer, hash: BlobHash): void {
    const of = attemptOf(request.headers[attemptHeader]);
    if (peer.kind === 'member' && of !== undefined) hold(peer.id, of, hash);
  }

  async function receive(
    request: IncomingMessage,
    response: ServerResponse,
    peer: Peer,
    keepFor: Millis,
  ): Promise<void> {
    request.setTimeout(silence, () => request.destroy());
    const announced = request.headers['content-length'];
    // The request must outlive a refusal, to be answered.
    const sent = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    const hasHoles = request.headers['content-type'] === holesType;
    const isGone = (): boolean => response.destroyed;
    const body = hasHoles ? unlessGone(unpackHoles(sent), isGone) : sent;
    const length = announced === undefined || hasHoles ? undefined : Number(announced);
    const stored = await blobs.put(body, keepFor, length);
    if (!stored.ok) {
      const status = stored.error.diskFull ? 507 : 400;
      if (!response.destroyed) refuseBody(request, response, status, refusalWords(stored.error));
      return;
    }
    const { hash, size, isNew } = stored.value;
    holdFor(request, peer, hash);
    response
      .writeHead(isNew ? 201 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ hash, size }));
  }

  async function hand(
    request: IncomingMessage,
    response: ServerResponse,
    hash: BlobHash,
    peer: Peer,
    keepFor: Millis,
  ): Promise<void> {
    const found = blobs.has(hash);
    if (found === undefined) return sayAbsent(response, hash);
    // Whoever asks whether it is here means to use it.
    blobs.keep(hash, keepFor);
    holdFor(request, peer, hash);
    const common = {
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=31536000, immutable',
      etag: `"${hash}"`,
    };
    const takesHoles = request.method === 'GET' && request.headers.accept === holesType;
    if (takesHoles && found.hasHoles) {
      await send(packHoles(blobs.read(hash)), response, hash, () =>
        response.writeHead(200, { ...common, 'content-type': holesType }),
      );
      return;
    }
    const range = rangeOf(request.headers.range, found.size);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { ...common, 'content-range': `bytes */${found.size}` }).end();
      return;
    }
    const begin = (): void => {
      if (range === undefined) response.writeHead(200, { ...common, 'content-length': found.size });
      else {
        response.writeHead(206, {
          ...common,
          'content-length': range.end - range.start + 1,
          'content-range': `bytes ${range.start}-${range.end}/${found.size}`,
        });
      }
    };
    if (request.method === 'HEAD' || found.size === 0) {
      begin();
      response.end();
      return;
    }
    const isGone = (): boolean => response.destroyed;
    const pieces = range === undefined ? blobs.read(hash) : blobs.readPart(hash, range, isGone);
    await send(pieces, response, hash, begin);
  }

  /**
   * Begins to answer when there is a first piece, so that damage that is found before it can be said. What is found later breaks
   * off before the end, and who asks again is told. Whoever goes away in the middle has had enough.
   */
  async function send(
    pieces: AsyncIterable<Uint8Array>,
    response: ServerResponse,
    hash: BlobHash,
    begin: () => void,
  ): Promise<void> {
    const iterator = pieces[Symbol.asyncIterator]();
    try {
      const first = await iterator.next();
      begin();
      await pipeline(startingWith(first, iterator), response);
    } catch {
      if (response.headersSent || response.destroyed) response.destroy();
      else sayAbsent(response, hash);
    }
  }

  function sayAbsent(response: ServerResponse, hash: BlobHash): void {
    if (blobs.isDamaged(hash))
      sendSentence(response, 410, `The head's disk has damaged the blob ${hash}.`);
    else if (blobs.has(hash) === undefined)
      sendSentence(response, 404, `The head does not have the blob ${hash}.`);
    else sendSentence(response, 500, `The head could not read the blob ${hash}; try again.`);
  }
}

async function* startingWith<Piece>(
  first: IteratorResult<Piece>,
  rest: AsyncIterator<Piece>,
): AsyncGenerator<Piece> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** A kilobyte of holes is a terabyte to hash: not for somebody who has hung up meanwhile. */
async function* unlessGone(
  pieces: AsyncIterable<Uint8Array>,
  isGone: () => boolean,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (isGone()) throw new Error('the sender has hung up');
    yield piece;
  }
}

function attemptOf(header: string | string[] | undefined): AttemptKey | undefined {
  const [, task = '', number = ''] = /^(\d{1,12}\.\d{1,7})\.(\d{1,9})$/.exec(String(header)) ?? [];
  const of = parseTaskId(task);
  return of && { task: taskIdOf(of.job, of.index), epoch: epoch(Number(number)) };
}
