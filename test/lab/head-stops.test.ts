// A head stops though people, programs and PCs are connected to it in every way there is: an open page, a watched view, a
// followed log, a download nobody reads on, an upload that rests half-way, connections that never said a word, links of members
// (whose listener is that of the TLS port), and network boot's own port.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectToHead } from '../../src-cli/platform/head-connection.ts';
import { HeadProcess } from './head/head-process.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';

let folder: string;
let head: HeadProcess;
const sockets: Socket[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-head-'));
  head = new HeadProcess(join(folder, 'home'), ['--port', '0']);
  await head.ready();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await head.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const localPort = () => Number(new URL(head.facts().browserUrl).port);
const token = () => readFileSync(join(head.home, 'api-token'), 'utf8').trim();

async function openPage(): Promise<WebSocket> {
  const page = new WebSocket(`ws://127.0.0.1:${localPort()}/api`, {
    headers: { authorization: `Bearer ${token()}` },
  });
  await new Promise<void>((resolve, reject) => page.once('open', resolve).once('error', reject));
  return page;
}

const closingOf = (page: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) =>
    page.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );

/** A connection of the plain port, after it said so much of its request. */
async function saying(text: string): Promise<Socket> {
  const socket = connect(localPort(), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write(text);
  return socket;
}

test('a head with a page open ends when it is told to, and the page is told why', async () => {
  const page = await openPage();
  const closing = closingOf(page);
  expect(await head.stop('SIGINT')).toEqual({ code: 0, signal: null });
  expect(await closing).toEqual({ code: 1001, reason: 'the head is stopping' });
});

test('`practice down` and whoever else asks over the API has an answer, and the head ends', async () => {
  const page = await openPage();
  const closing = closingOf(page);
  const connection = await connectToHead(head.home);
  if (!connection.ok) throw new Error(refusalWords(connection.error));
  expect(await connection.value.api.lab.shutdown()).toEqual({});
  expect(await head.ended).toEqual({ code: 0, signal: null });
  expect((await closing).code).toBe(1001);
  connection.value.close();
});

test('a head ends whatever connections are open, and none of them holds it up', async () => {
  const connection = await connectToHead(head.home);
  if (!connection.ok) throw new Error(refusalWords(connection.error));
  const { api } = connection.value;
  const { id } = await api.jobs.submit({ command: ['true'], name: 'followed' });
  const view = await api.lab.watch();
  await view.next();
  const log = await api.jobs.logs({ task: id, follow: true });
  const line = log.next().catch(() => 'broken');

  const large = Buffer.alloc(24 * 1024 * 1024, 7);
  const { hash } = JSON.parse((await head.ask('PUT', '/blob', large)).body) as { hash: string };
  const authorized = `Host: 127.0.0.1\r\nAuthorization: Bearer ${token()}\r\n`;
  const download = await saying(`GET /blob/${hash} HTTP/1.1\r\n${authorized}\r\n`);
  await new Promise<void>((resolve) => download.once('readable', resolve));
  await saying(`PUT /blob HTTP/1.1\r\n${authorized}Content-Length: 100\r\n\r\nhalf`);
  await saying('');
  await saying('GET / HT');
  const silent = connectTls({
    ...{ host: '127.0.0.1', port: head.facts().port, servername: 'nightshift-head' },
    rejectUnauthorized: false,
  });
  sockets.push(silent);
  silent.on('error', () => undefined);
  await new Promise<void>((resolve) => silent.once('secureConnect', resolve));

  expect(await head.stop()).toEqual({ code: 0, signal: null });
  expect(readFileSync(join(head.home, 'head.log'), 'utf8')).not.toContain('did not let go');
  await line;
  connection.value.close();
});
