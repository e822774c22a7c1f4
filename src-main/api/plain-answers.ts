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

/** So long a refused sender may go on before it is cut off; an answer is lost on whoever is cut off while sending. */
const hearOutFor = 5000;

/** Answers a request whose body nobody wants. */
export function refuseBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  sentence: string,
): void {
  response.setHeader('connection', 'close');
  sendSentence(response, status, sentence);
  if (request.complete) return;
  request.resume();
  const cutOff = setTimeout(() => request.destroy(), hearOutFor);
  cutOff.unref();
  request.once('close', () => clearTimeout(cutOff));
}
