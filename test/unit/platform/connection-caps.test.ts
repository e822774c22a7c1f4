import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConnectionCaps,
  usualLimits,
  type ConnectionLimits,
} from '../../../src-main/platform/listener/connection-caps.ts';
import { Router } from '../../../src-main/platform/listener/router.ts';
import { LoopbackListener } from '../../../src-main/platform/listener/loopback-listener.ts';

const short: ConnectionLimits = {
  ...usualLimits,
  unknown: 6,
  ofThisMachine: 4,
  ofOneKnown: 2,
  untilRequest: 300,
  untilBody: 300,
  untilRead: 300,
};

let server: Server;
let caps: ConnectionCaps;
let open: Socket[];
beforeEach(async () => {
  open = [];
  server = createServer((request, response) => {
    if (request.url === '/late') return; // answers when its body is here, which never comes
    response.end('hello');
  });
  server.requestTimeout = 0;
  caps = new ConnectionCaps(server, short);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

interface Knocker {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  isClosed: boolean;
}

/** Connects, from an address of this machine, and says so much. */
async function knock(text = '', localAddress = '127.0.0.1'): Promise<Knocker> {
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    localAddress,
  });
  open.push(socket);
  socket.on('error', () => undefined).resume();
  const knocker: Knocker = {
    socket,
    isClosed: false,
    closed: new Promise((resolve) =>
      socket.once('close', () => {
        knocker.isClosed = true;
        resolve();
      }),
    ),
  };
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  if (text !== '') socket.write(text);
  return knocker;
}

describe('connections of unknown callers', () => {
  it('that ask nothing are hung up on', async () => {
    const { closed } = await knock();
    await closed;
    await expect.poll(() => caps.count().unknown).toBe(0);
  });

  it('that are asked for byte by byte are hung up on, too', async () => {
    const slow = await knock('GET / HT');
    slow.socket.write('TP/1.1');
    await slow.closed;
  });

  it('from one address are few, and do not keep another address out', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => knock()));
    await expect.poll(() => many.filter(({ isClosed }) => isClosed).length).toBe(16);
    const other = await knock('GET / HTTP/1.1\r\nhost: a\r\n\r\n', '127.0.0.2');
    const answer = await new Promise<Buffer>((resolve) => other.socket.once('data', resolve));
    expect(answer.toString()).toContain('200 OK');
  });

  it('from many addresses are bounded in all', async () => {
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, at) => knock('', `127.0.0.${10 + at}`)),
    );
    await expect.poll(() => many.filter(({ isClosed }) => isClosed).length).toBe(14);
    expect(caps.count()).toEqual({ unknown: 6, known: 0 });
  });

  it('whose body never comes are hung up on', async () => {
    const late = await knock('POST /late HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n12345');
    await late.closed;
  });

  it('that were refused are not kept for the rest of what they send', async () => {
    const refused = await knock(
      'POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer wrong\r\ncontent-length: 1000000\r\n\r\n1',
    );
    await refused.closed;
  });
});

it('who has shown who it is counts among its own, and has all the time it wants', async () => {
  server.on('connection', (socket: Socket) => setImmediate(() => caps.know(socket, 'pc-01')));
  const first = await knock();
  const second = await knock();
  await expect.poll(() => caps.count()).toEqual({ unknown: 0, known: 2 });
  const third = await knock();
  await third.closed;
  expect([first.isClosed, second.isClosed]).toEqual([false, false]);
});

/** The other listeners with unknown before them: TLS (above all of this), boot files (boot-http.test.ts), and this one. */
it('the port for browsers of this machine is bounded, too: other users of it may not use up the descriptors of the head', async () => {
  const here = new LoopbackListener(new Router(() => undefined), short);
  const { port } = await here.listen(0);
  const many = Array.from({ length: 20 }, () => connect({ port, host: '127.0.0.1' }));
  open.push(...many);
  for (const socket of many) socket.on('error', () => undefined).resume();
  await expect.poll(() => many.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(16);
  // Those that ask nothing leave soon, and then there is room for who does.
  await expect.poll(() => many.filter(({ closed }) => closed).length).toBe(20);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  await here.close();
});
