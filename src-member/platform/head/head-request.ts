import { request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { headServerName } from '../../../shared/wire/enrolment.ts';

const answerPatience = 10_000;
const longestAnswer = 256 * 1024;

export interface HeadAnswer {
  readonly status: number;
  /** JSON from outside, or undefined when it was none. */
  readonly body: unknown;
}

/** One small POST of JSON over a connection that is already there; undefined when no answer came. */
export function postJson(
  socket: TLSSocket,
  path: string,
  body: unknown,
  last = true,
): Promise<HeadAnswer | undefined> {
  const text = JSON.stringify(body);
  return new Promise((resolve) => {
    const fail = (): void => resolve(undefined);
    const sent = request(
      {
        method: 'POST',
        path,
        createConnection: () => socket,
        headers: {
          host: headServerName,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          connection: last ? 'close' : 'keep-alive',
        },
        timeout: answerPatience,
      },
      (response) => {
        const pieces: Buffer[] = [];
        let size = 0;
        response.on('data', (piece: Buffer) => {
          size += piece.length;
          if (size > longestAnswer) response.destroy();
          else pieces.push(piece);
        });
        response.on('error', fail);
        response.on('close', fail);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: parse(Buffer.concat(pieces).toString('utf8')),
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy());
    sent.on('error', fail);
    sent.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
