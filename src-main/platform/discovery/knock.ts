import { createHash } from 'node:crypto';
import { connect } from 'node:tls';
import { headServerName } from '../../../shared/wire/enrolment.ts';

/** Whether whoever listens there has the private key of this public one. */
export type Knock = (host: string, port: number) => Promise<boolean>;

const patience = 2000;

/**
 * Knocks by TLS. What mDNS tells anybody on the wire can say; in a handshake of TLS 1.3 only the owner of a key can sign
 * (RFC 8446, 4.4.3). `headKey`: SHA-256 of the public key (SubjectPublicKeyInfo, DER), hex.
 */
export const knockFor =
  (headKey: string): Knock =>
  (host, port) =>
    new Promise((resolve) => {
      const socket = connect({
        host,
        port,
        servername: headServerName,
        minVersion: 'TLSv1.3',
        // The key itself is looked at: it says more than a certificate of whatever authority.
        rejectUnauthorized: false,
        timeout: patience,
      });
      const late = setTimeout(() => answer(false), patience);
      const answer = (isHead: boolean): void => {
        clearTimeout(late);
        socket.destroy();
        resolve(isHead);
      };
      socket.once('secureConnect', () => {
        const key = socket
          .getPeerX509Certificate()
          ?.publicKey.export({ type: 'spki', format: 'der' });
        answer(key !== undefined && createHash('sha256').update(key).digest('hex') === headKey);
      });
      for (const event of ['error', 'timeout', 'close']) socket.once(event, () => answer(false));
    });
