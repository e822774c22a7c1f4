import type { IncomingMessage, ServerResponse } from 'node:http';

/** No page of ours loads or runs anything that is not ours. `'unsafe-inline'` styles: xterm, virtual lists. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
    "font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; manifest-src 'self'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

export function sendSentence(response: ServerResponse, status: number, sentence: string): void {
  response
    .writeHead(status, { ...pageHeaders, 'content-type': 'text/plain; charset=utf-8' })
    .end(`${sentence}\n`);
}

/** So long a refused sender may go on sending before it is cut off. */
const hearOutFor = 10_000;

/**
 * Answers a request whose body nobody wants. The answer goes out whole at once, but the connection is closed only
 * when the sender has finished: one that is cut off while it is sending never reads why.
 */
export function refuseBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  sentence: string,
): void {
  const text = `${sentence}\n`;
  response.writeHead(status, {
    ...pageHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  if (request.complete) {
    response.end(text);
    return;
  }
  response.write(text);
  const cutOff = setTimeout(() => request.destroy(), hearOutFor);
  cutOff.unref();
  request.once('end', () => response.end());
  request.once('close', () => clearTimeout(cutOff));
  request.resume();
}
