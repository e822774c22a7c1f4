import { mkdtempSync, rmSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { Contract } from '../../../shared/api/contract.ts';
import { scenes } from '../../../src-sim/scenes/scenes.ts';
import { evening, ServedHead, token } from '../../served-head.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The one head in memory, as served, with clients that say what they will. Two PCs are in its lab. */
export class HeadUnderTest extends ServedHead {
  readonly #clients: WebSocket[] = [];

  constructor() {
    super(mkdtempSync(join(tmpdir(), 'nightshift-api-')), scenes.small(evening));
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  get tls() {
    return { ca: this.labCertificate, servername: 'nightshift-head' };
  }

  /** Opens a WebSocket; a refused one rejects with the status of the answer. */
  socket(headers: Readonly<Record<string, string>>, local = false): Promise<WebSocket> {
    const address = local
      ? `ws://127.0.0.1:${this.localPort}/api`
      : `wss://127.0.0.1:${this.port}/api`;
    const socket = new WebSocket(address, { ...this.tls, headers });
    this.#clients.push(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.once('error', reject);
    });
  }

  async client(): Promise<ContractRouterClient<Contract>> {
    return clientOver(await this.socket(withToken));
  }

  ask(options: RequestOptions, body?: string | Buffer, local = false): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const where = { host: '127.0.0.1', agent: false as const, ...options };
      const call = local
        ? plainRequest({ ...where, port: this.localPort })
        : request({ ...where, port: this.port, ...this.tls });
      call.on('response', (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => (text += piece));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
        answer.on('error', reject);
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

export const withToken = { authorization: `Bearer ${token}` };

export function clientOver(socket: WebSocket): ContractRouterClient<Contract> {
  // Node's own type of a WebSocket and that of ws differ in what we do not use.
  const websocket = socket as unknown as globalThis.WebSocket;
  return createORPCClient(new RPCLink({ websocket }));
}
