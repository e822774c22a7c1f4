import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { ConnectionCaps, usualLimits, type ConnectionLimits } from './connection-caps.ts';
import { OpenSockets } from './open-sockets.ts';
import { everyoneIsHere, peerOf, type LabOfPeers } from './peer.ts';
import type { Router } from './router.ts';
import { SecuredSockets } from './secured-sockets.ts';

export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
  readonly labCertificate: string;
}

/** The head's one TLS port. Everybody may knock; what a peer without a certificate gets is up to the routes. */
export class TlsListener {
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets: OpenSockets;
  readonly #caps: ConnectionCaps;

  constructor(
    identity: TlsIdentity,
    router: Router,
    lab: LabOfPeers = everyoneIsHere,
    limits: ConnectionLimits = usualLimits,
    secured: SecuredSockets = new SecuredSockets(),
  ) {
    const labCertificate = new X509Certificate(identity.labCertificate);
    this.#server = createServer({
      ...secureContext(identity),
      minVersion: 'TLSv1.3',
      // OpenSSL keeps what the other end brought to the exchange of keys as long as the connection lives: 6 KiB of ML-KEM, which
      // it would choose by itself, and a few bytes of these curves.
      ecdhCurve: 'X25519:P-256',
      requestCert: true,
      rejectUnauthorized: false,
      noDelay: true,
      handshakeTimeout: limits.untilRequest,
      // The same answer as a list of this one name would give, but that list Node keeps a copy of with each connection, which
      // holds on to 64 KiB that other short-lived buffers shared.
      ALPNCallback: ({ protocols }) => protocols.find((name) => name === 'http/1.1'),
    });
    // Checkpoints of many gigabytes come in over slow links; unknown callers have no such time, see ConnectionCaps.
    this.#server.requestTimeout = 0;
    this.#sockets = new OpenSockets(this.#server);
    this.#caps = new ConnectionCaps(this.#server, limits);
    // Port scanners and members that vanish in the middle of a handshake.
    this.#server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy());
    router.serve(this.#server, (request: IncomingMessage) =>
      peerOf(request.socket as TLSSocket, Date.now(), labCertificate, lab),
    );
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      const peer = peerOf(socket, Date.now(), labCertificate, lab);
      if (peer.kind !== 'nobody') {
        // By address as well: whoever has a copy of its certificate uses up no connection of the PC's own.
        this.#caps.know(socket, `${peer.id} at ${socket.remoteAddress ?? ''}`);
      }
      secured.add(socket);
    });
  }

  /** For a head certificate that was renewed; open connections go on. */
  present(identity: TlsIdentity): void {
    this.#server.setSecureContext(secureContext(identity));
  }

  listen(port: number): Promise<Result<{ readonly port: number }>> {
    return new Promise((resolve) => {
      const onError = (error: NodeJS.ErrnoException): void => resolve(portRefusal(port, error));
      this.#server.once('error', onError);
      this.#server.listen({ port, host: '0.0.0.0' }, () => {
        this.#server.off('error', onError);
        resolve(ok({ port: (this.#server.address() as AddressInfo).port }));
      });
    });
  }

  /** Hangs up on everybody. */
  close(): Promise<void> {
    return this.#sockets.close();
  }
}

function secureContext({ key, certificate, labCertificate }: TlsIdentity) {
  return { key, cert: `${certificate}\n${labCertificate}`, ca: labCertificate };
}

function portRefusal(port: number, error: NodeJS.ErrnoException): ReturnType<typeof refuse> {
  switch (error.code) {
    case 'EADDRINUSE':
      return refuse('refused', `Port ${port} is in use by another program; start with --port N.`);
    case 'EACCES':
      return refuse(
        'refused',
        `Port ${port} may not be opened by this user; start with --port N above 1023.`,
      );
    default:
      return refuse(
        'failed',
        `Port ${port} could not be opened (${error.message}); start with --port N.`,
      );
  }
}
