import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { nobody, type Peer } from './peer.ts';

export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  peer: Peer,
) => void | Promise<void>;

export type UpgradeHandler = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  peer: Peer,
) => void;

/** Paths to handlers, for every HTTP server of the head: the longest prefix wins, whole path segments only. */
export class Router {
  readonly #routes = new Map<string, RequestHandler>();
  readonly #upgrades = new Map<string, UpgradeHandler>();
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** `/blob` takes `/blob`, `/blob/…` and `/blob?…`, never `/blobs`; `/` takes what nobody else does. */
  route(prefix: string, handler: RequestHandler): void {
    this.#routes.set(prefix, handler);
  }

  /** The very path, without its query. */
  upgrade(path: string, handler: UpgradeHandler): void {
    this.#upgrades.set(path, handler);
  }

  /** Answers a server's requests by these routes. Without `peerOf` nobody is a member there. */
  serve(server: Server, peerOf: (request: IncomingMessage) => Peer = () => nobody): void {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response, peerOf(request));
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // A peer that breaks off while it is being answered is no event.
      socket.on('error', () => socket.destroy());
      const handler = this.#upgrades.get(pathOf(request));
      if (handler) handler(request, socket, head, peerOf(request));
      else refuseUpgrade(socket, 404, 'There is no WebSocket at this path.');
    });
    server.on('clientError', (_error: Error, socket: Duplex) => socket.destroy());
  }

  async #answer(request: IncomingMessage, response: ServerResponse, peer: Peer): Promise<void> {
    const path = pathOf(request);
    try {
      const handler = this.#find(path);
      if (handler) await handler(request, response, peer);
      else sendSentence(response, 404, `There is nothing at ${path}.`);
    } catch (error) {
      this.#log(`${request.method ?? ''} ${path} failed: ${String(error)}`);
      if (!response.headersSent)
        sendSentence(response, 500, 'The head could not answer; its log says why.');
      else response.destroy();
    }
  }

  #find(path: string): RequestHandler | undefined {
    let prefix = path;
    while (prefix !== '') {
      const handler = this.#routes.get(prefix);
      if (handler) return handler;
      prefix = prefix.slice(0, prefix.lastIndexOf('/'));
    }
    return this.#routes.get('/');
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function sendSentence(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}

/** Ends an upgrade request with an ordinary HTTP answer. */
export function refuseUpgrade(
  socket: Duplex,
  status: 401 | 403 | 404 | 503,
  sentence: string,
): void {
  const names = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'Not Found',
    503: 'Service Unavailable',
  };
  const body = `${sentence}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${names[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
