import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { httpPaths } from '../../shared/api/contract.ts';
import { shownPath, type LocalPath } from '../../shared/domain/local-tree.ts';
import { holesType, unpackHoles } from '../../shared/node/hole-stream.ts';
import { writeSparse } from '../../shared/node/sparse-file.ts';
import { faultWords } from './fault-words.ts';
import { codeOf, makeFolder } from './make-folder.ts';
import { draftOf, forNode } from './write-tree.ts';

export interface HeadBlobs {
  readonly has: (hash: string) => Promise<boolean>;
  readonly put: (
    path: LocalPath,
    hash: string,
    size: number,
    onSent?: (bytes: number) => void,
  ) => Promise<Result<null>>;
  readonly text: (hash: string) => Promise<Result<string>>;
  readonly save: (hash: string, to: LocalPath, mode: number | null) => Promise<Result<null>>;
  readonly close: () => void;
}

interface Where {
  readonly port: number;
  readonly ca: string;
  readonly servername: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How many transfers share the link; more do not make one wire faster. */
const connections = 4;

/** Content-addressed files of the head over HTTPS (see `httpPaths` of the contract). */
export function openBlobs({ port, ca, servername, headers }: Where): HeadBlobs {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca, servername });

  const ask = (
    method: 'HEAD' | 'GET' | 'PUT',
    path: string,
    more: Readonly<Record<string, string | number>> = {},
    body?: NodeJS.ReadableStream,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const call = request(
        { host: '127.0.0.1', port, path, method, agent, headers: { ...headers, ...more } },
        resolve,
      );
      call.once('error', reject);
      if (body === undefined) call.end();
      else pipeline(body, call).catch(reject);
    });

  /** A head that finds near the end that its disk has damaged the file breaks off; it says so when it is asked again. */
  const brokeOff = async (hash: string, shown: string, error: unknown): Promise<Result<never>> => {
    const again = await ask('HEAD', `${httpPaths.blob}/${hash}`).catch(() => undefined);
    again?.resume();
    // Nobody is there any more, which is another sentence.
    if (again === undefined) throw error;
    return again.statusCode === 200
      ? refuse('failed', `${shown} broke off on its way; fetch it again.`)
      : absent(again.statusCode, shown);
  };

  return {
    has: async (hash) => {
      const answer = await ask('HEAD', `${httpPaths.blob}/${hash}`);
      answer.resume();
      return answer.statusCode === 200;
    },

    put: async (path, hash, size, onSent = () => undefined) => {
      const changed = refuse(
        'failed',
        `${shownPath(path)} changed while it was being sent; submit again when it is at rest.`,
      );
      const body = Readable.from(exactly(size, createReadStream(forNode(path)), onSent));
      let answer: IncomingMessage;
      try {
        answer = await ask(
          'PUT',
          httpPaths.blob,
          { 'content-length': size, 'content-type': 'application/octet-stream' },
          body,
        );
      } catch (error) {
        if (error instanceof FileShrank) return changed;
        throw error;
      }
      const text = await readAll(answer);
      if (answer.statusCode === 507) {
        return refuse('failed', `the head's disk is full; free some space there and submit again.`);
      }
      if (answer.statusCode === undefined || answer.statusCode >= 300) {
        return refuse(
          'failed',
          `the head did not take ${shownPath(path)} (${answer.statusCode}): ${firstLine(text)}`,
        );
      }
      return text.includes(hash) ? ok(null) : changed;
    },

    text: async (hash) => {
      const shown = `the file ${hash.slice(0, 12)}…`;
      let answer: IncomingMessage;
      let text: string;
      try {
        answer = await ask('GET', `${httpPaths.blob}/${hash}`);
        text = await readAll(answer);
      } catch (error) {
        return brokeOff(hash, shown, error);
      }
      if (answer.statusCode !== 200) return absent(answer.statusCode, shown);
      return createHash('sha256').update(text).digest('hex') === hash
        ? ok(text)
        : refuse('failed', `${shown} arrived damaged; try again.`);
    },

    save: async (hash, to, mode) => {
      const shown = shownPath(to);
      let answer: IncomingMessage;
      try {
        answer = await ask('GET', `${httpPaths.blob}/${hash}`, { accept: holesType });
      } catch (error) {
        return brokeOff(hash, shown, error);
      }
      if (answer.statusCode !== 200) {
        answer.resume();
        return absent(answer.statusCode, shown);
      }
      const part = draftOf(to);
      // The folder of a name that is no text has been made by whoever made sure that it is no link.
      const folder = typeof to === 'string' ? makeFolder(dirname(to)) : Promise.resolve();
      const made = await folder.then(() => null, String);
      if (made !== null) {
        answer.destroy();
        return refuse(
          'failed',
          `the folder of ${shown} cannot be made (${made.replace(/^Error: /, '')}).`,
        );
      }
      const sum = createHash('sha256');
      try {
        const hasHoles = answer.headers['content-type'] === holesType;
        const bytes = hasHoles ? unpackHoles(answer) : (answer as AsyncIterable<Uint8Array>);
        await writeSparse(part, summed(bytes, sum), { mode: 0o666 });
        if (sum.digest('hex') !== hash) {
          await rm(part, { force: true });
          return refuse('failed', `${shown} arrived damaged; fetch it again.`);
        }
        if (mode !== null) await chmod(part, mode);
        await rename(part, forNode(to));
        return ok(null);
      } catch (error) {
        await rm(part, { force: true });
        const code = codeOf(error);
        if (code === 'ENOSPC')
          return refuse('failed', `there is no room left for ${shown}; free some and fetch again.`);
        if (code === 'ECONNRESET') return brokeOff(hash, shown, error);
        return refuse('failed', `${shown} cannot be written: ${faultWords(code)}.`);
      }
    },

    close: () => agent.destroy(),
  };
}

const absent = (status: number | undefined, shown: string): Result<never> =>
  refuse(
    'failed',
    status === 410
      ? `the head's disk has damaged the content of ${shown}; only its task run anew brings it back.`
      : `the head does not have the content of ${shown} any more.`,
  );

async function* summed(pieces: AsyncIterable<Uint8Array>, sum: Hash): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) {
    sum.update(piece);
    yield piece;
  }
}

async function readAll(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const piece of answer) text += String(piece);
  return text;
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 200) ?? '';

class FileShrank extends Error {}

/** The first `size` bytes, as many as the request announced: a file that grows meanwhile is sent as it was hashed. */
async function* exactly(
  size: number,
  file: AsyncIterable<Buffer>,
  onSent: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of file) {
    if (left === 0) return;
    const piece = chunk.subarray(0, left);
    left -= piece.length;
    yield piece;
    onSent(piece.length);
  }
  if (left > 0) throw new FileShrank();
}
