import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { Contract } from '../../../shared/api/contract.ts';
import { epochMillis, mebibytes } from '../../../shared/base/units.ts';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import { Access } from '../../../src-main/api/access.ts';
import { HeadApi } from '../../../src-main/api/head-api.ts';
import { BlobStore } from '../../../src-main/platform/blobs/blob-store.ts';
import { LabIdentity } from '../../../src-main/platform/identity/lab-identity.ts';
import { Router } from '../../../src-main/platform/listener/router.ts';
import { TlsListener } from '../../../src-main/platform/listener/tls-listener.ts';
import { LoopbackListener } from '../../../src-main/platform/listener/loopback-listener.ts';
import { systemClock, systemRng } from '../../../shared/node/system-clock.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { ScriptedLab, scriptedServices } from './scripted-lab.ts';

export const token = '0123456789abcdef'.repeat(4);

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The real API, blobs, UI and listeners, on real sockets, in front of a simulated lab. */
export class HeadUnderTest {
  readonly lab = new ScriptedLab();
  readonly folder = mkdtempSync(join(tmpdir(), 'nightshift-api-'));
  readonly logged: string[] = [];
  blobs: BlobStore;
  stopsAsked = 0;
  port = 0;
  localPort = 0;
  #labCertificate = '';
  #close: (() => Promise<void>) | undefined;
  readonly #clients: WebSocket[] = [];

  constructor() {
    this.blobs = new BlobStore(join(this.folder, 'blobs'), mebibytes(1));
  }

  async open(): Promise<void> {
    const log = (line: string): void => void this.logged.push(line);
    const identity = await LabIdentity.open(
      join(this.folder, 'identity'),
      'Room 12',
      systemRng(),
      epochMillis(Date.now()),
    );
    if (!identity.ok) throw new Error(refusalWords(identity.error));
    const { headKey, labCertificate } = identity.value;
    this.#labCertificate = labCertificate;
    const certificate = await identity.value.headCertificate(epochMillis(Date.now()));
    const uiFolder = join(this.folder, 'ui');
    mkdirSync(join(uiFolder, 'assets'), { recursive: true });
    writeFileSync(join(uiFolder, 'index.html'), '<!doctype html><title>Nightshift</title>');
    writeFileSync(join(uiFolder, 'moon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(uiFolder, 'assets', 'main-Ab3dEf6h.js'), 'export {};');
    const api = new HeadApi({
      services: scriptedServices(this.lab, () => (this.stopsAsked += 1)),
      access: new Access(token, identity.value.lab.id),
      blobs: this.blobs,
      timings: practiceTimings,
      clock: systemClock(),
      uiFolder,
      log,
    });
    const router = new Router(log);
    const localRouter = new Router(log);
    api.mount(router);
    api.mount(localRouter);
    const tls = new TlsListener({ key: headKey, certificate, labCertificate }, router);
    const listening = await tls.listen(0);
    if (!listening.ok) throw new Error(refusalWords(listening.error));
    this.port = listening.value.port;
    const loopback = new LoopbackListener(localRouter);
    this.localPort = (await loopback.listen(0)).port;
    this.#close = async () => {
      await api.close();
      await loopback.close();
      await tls.close();
    };
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    await this.#close?.();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get tls() {
    return { ca: this.#labCertificate, servername: 'nightshift-head' };
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
