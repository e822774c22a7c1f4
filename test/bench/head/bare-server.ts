// The least that holds as many links: TLS with certificates on both sides, WebSockets, an answer to each message. The
// reference for the head; a `TlsIdentity` on stdin, the port as a JSON line.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const { key, certificate, labCertificate } = JSON.parse(readFileSync(0, 'utf8')) as {
  readonly key: string;
  readonly certificate: string;
  readonly labCertificate: string;
};
const server = createServer({
  key,
  cert: `${certificate}\n${labCertificate}`,
  ca: labCertificate,
  minVersion: 'TLSv1.3',
  requestCert: true,
  rejectUnauthorized: false,
  noDelay: true,
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
sockets.on('connection', (socket) => {
  socket.on('message', (bytes: Buffer) => {
    if (bytes[0] === 0x5b) socket.send(`[${bytes.toString('utf8', 1).split(',', 1)[0] ?? ''}]`);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
