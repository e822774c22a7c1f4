import { createHash, type X509Certificate } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import { headServerName } from '../../../shared/wire/enrolment.ts';

/** For a handshake within one building, with a head that a thousand PCs call at once. */
const handshakePatience = 5000;

export interface TlsTarget {
  /** `host:port`. */
  readonly address: string;
  /** SHA-256 of the SPKI, hex. */
  readonly headKey: string;
  readonly credentials?: { readonly key: string; readonly certificate: string } | undefined;
}

export type TlsOutcome =
  | { readonly ok: true; readonly socket: TLSSocket }
  | { readonly ok: false; readonly why: 'unreachable'; readonly reason: string }
  /** The socket is open and nobody vouches for its other end. */
  | { readonly ok: false; readonly why: 'wrong-key'; readonly socket: TLSSocket };

/**
 * The pinned key is the whole trust: it is stronger than a chain, and dates in certificates say nothing to a PC
 * whose clock may be years off.
 */
export function connectPinned({ address, headKey, credentials }: TlsTarget): Promise<TlsOutcome> {
  const { host, port } = splitAddress(address);
  if (host === '' || !(port > 0 && port < 65_536)) {
    return Promise.resolve({ ok: false, why: 'unreachable', reason: 'that is no host:port' });
  }
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      servername: headServerName,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      ...(credentials ? { key: credentials.key, cert: credentials.certificate } : {}),
    });
    const giveUp = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, why: 'unreachable', reason });
    };
    const timer = setTimeout(() => giveUp('no answer'), handshakePatience);
    const onError = (error: NodeJS.ErrnoException): void => giveUp(plainReason(error));
    socket.on('error', onError);
    socket.once('close', () => giveUp('it hung up'));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      const certificate = socket.getPeerX509Certificate();
      const isHead = certificate !== undefined && spkiSha256(certificate) === headKey;
      resolve(isHead ? { ok: true, socket } : { ok: false, why: 'wrong-key', socket });
    });
  });
}

export function spkiSha256(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

/** `host:port`, also `[v6]:port`. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  };
}

function plainReason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no way there';
    case 'ETIMEDOUT':
      return 'no answer';
    case 'ECONNRESET':
      return 'it hung up';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name is unknown';
    default:
      return error.message;
  }
}
