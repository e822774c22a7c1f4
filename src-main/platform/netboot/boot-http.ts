import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import {
  ipxeEntrance,
  type BootRequests,
  type BootMaterial,
  type BootServer,
  type RunningBootServer,
} from '../../ports/netboot.ts';
import { rangeOf } from '../listener/byte-range.ts';
import { ConnectionCaps, usualLimits } from '../listener/connection-caps.ts';
import { OpenSockets } from '../listener/open-sockets.ts';

/** Told of a PC's progress after this many bytes. */
const tellEvery = 1024 * 1024;
/** A PC that was switched off in the middle lets its connection hang. */
const silence = 60_000;
const connectionsAtMost = 2000;

interface Part {
  readonly size: number;
  open(from: number): Readable;
}

/**
 * Firmware speaks neither our TLS nor any that would know the lab's own authority, so kernel and image go over plain
 * HTTP. Nothing here is secret: the identity in it pins the head's key and has no token. Only GET, only these paths.
 */
export class PlainBootServer implements BootServer {
  readonly #wishedPort: () => number;

  /** Any other is taken when it is in use; dnsmasq tells PCs which. */
  constructor(wishedPort: () => number) {
    this.#wishedPort = wishedPort;
  }

  async open(
    addresses: readonly string[],
    material: BootMaterial,
    requests: BootRequests,
  ): Promise<Result<RunningBootServer>> {
    const servers: OpenSockets[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(servers.map((server) => server.close()));
    };
    let port = this.#wishedPort();
    for (const address of addresses) {
      const server = createServer((request, response) => {
        // GRUB reads header names letter by letter, hence their capitals, and goes on waiting while the line is up.
        response.shouldKeepAlive = false;
        void answer(request, response, material, requests).catch(() => response.destroy());
      });
      const sockets = new OpenSockets(server);
      server.maxConnections = connectionsAtMost;
      // No PC is known here, and a room of them boots at once: what is bounded is one address.
      new ConnectionCaps(server, { ...usualLimits, unknown: connectionsAtMost });
      server.setTimeout(silence);
      const isFirst = servers.length === 0;
      const bound =
        (await listen(server, address, port)) || (isFirst && (await listen(server, address, 0)));
      if (!bound) {
        await close();
        return refuse(
          'refused',
          `The port for boot files (${port} on ${address}) cannot be opened; switch network boot on again, or name one interface.`,
        );
      }
      servers.push(sockets);
      port = (server.address() as AddressInfo).port;
    }
    return ok({ port, close });
  }
}

function listen(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const onError = (): void => resolve(false);
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve(true);
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  material: BootMaterial,
  requests: BootRequests,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendText(response, 405, 'Only GET.\n');
    return;
  }
  const path = decodeURIComponentSafely((request.url ?? '/').split('?', 1)[0] ?? '/');
  if (path === ipxeEntrance) {
    sendText(response, 200, requests.entrance());
    return;
  }
  const [, macText = '', name = ''] = /^\/pc\/([^/]+)\/([a-z.]+)$/.exec(path) ?? [];
  const mac = parseMacAddress(macText);
  const from = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (mac === undefined) sendText(response, 404, 'There is nothing here.\n');
  else if (name === 'boot.ipxe') sendText(response, 200, requests.script('ipxe', mac, from));
  else if (name === 'boot.grub') sendText(response, 200, requests.script('grub', mac, from));
  else if (name === 'vmlinuz') {
    await sendPart(
      request,
      response,
      await filesOf([material.kernel]),
      { part: 'kernel', mac },
      requests,
    );
  } else if (name === 'initrd') {
    await sendPart(
      request,
      response,
      await filesOf(material.image),
      { part: 'image', mac },
      requests,
    );
  } else if (name === 'identity') {
    const bytes = material.identity(request.socket.localAddress ?? '');
    await sendPart(request, response, bufferOf(bytes), null, requests);
  } else sendText(response, 404, 'There is nothing here.\n');
}

async function sendPart(
  request: IncomingMessage,
  response: ServerResponse,
  part: Part,
  what: { readonly part: 'kernel' | 'image'; readonly mac: MacAddress } | null,
  requests: BootRequests,
): Promise<void> {
  const { size } = part;
  const range = rangeOf(request.headers.range, size);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  // Only what boot loaders ask for: from here to the end. Anything else gets the whole.
  const from = range?.end === size - 1 ? range.start : 0;
  response.writeHead(from > 0 ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': size - from,
    ...(from > 0 ? { 'Content-Range': `bytes ${from}-${size - 1}/${size}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  let sent = from;
  let told = from;
  const tell = (): void => {
    told = sent;
    if (what) requests.sight({ t: 'fetching', ...what, bytes: sent, total: size });
  };
  tell();
  const source = part.open(from);
  source.on('data', (piece: Buffer | string) => {
    sent += piece.length;
    if (sent - told >= tellEvery) tell();
  });
  await new Promise<void>((resolve) => {
    pipeline(source, response, (error) => {
      if (what) {
        if (error === null || error === undefined) {
          tell();
          requests.sight({ t: 'fetched', ...what });
        } else {
          const name = what.part === 'kernel' ? 'the kernel' : 'the image';
          const reason = `It broke off while it fetched ${name}, after ${sent} of ${size} bytes.`;
          requests.sight({ t: 'broken-off', mac: what.mac, reason });
        }
      }
      resolve();
    });
  });
}

/** Files as one, from any byte of it on. */
async function filesOf(paths: readonly string[]): Promise<Part> {
  const files = await Promise.all(
    paths.map(async (path) => ({ path, size: (await stat(path)).size })),
  );
  async function* from(start: number): AsyncGenerator<Buffer> {
    let skipped = start;
    for (const { path, size } of files) {
      if (skipped >= size) {
        skipped -= size;
        continue;
      }
      const source = createReadStream(path, { start: skipped, highWaterMark: 256 * 1024 });
      skipped = 0;
      yield* source as AsyncIterable<Buffer>;
    }
  }
  return {
    size: files.reduce((sum, { size }) => sum + size, 0),
    open: (start) => Readable.from(from(start)),
  };
}

const bufferOf = (bytes: Uint8Array): Part => ({
  size: bytes.length,
  open: (start) => Readable.from([Buffer.from(bytes.subarray(start))]),
});

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
