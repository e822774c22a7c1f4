import { X509Certificate } from 'node:crypto';
import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { memberId, type MemberId } from '../../../shared/domain/ids.ts';
import type { MemberCredentials } from '../../ports/head-client.ts';
import { memberIdField } from '../../../shared/wire/fields.ts';
import { connectPinned } from './pinned-tls.ts';

/** Extended key usage `clientAuth`: only members' certificates have it, the head's has not. */
const clientAuth = '1.3.6.1.5.5.7.3.2';
const connectPatience = 10_000;

/**
 * The member at the other end of a TLS connection. Looked at by hand and by the head's clock, since OpenSSL
 * would compare dates with this PC's own, which may be wrong.
 */
export function memberAt(
  socket: TLSSocket,
  labCertificate: string,
  headWall: number,
): MemberId | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const lab = new X509Certificate(labCertificate);
  const isOurs = certificate.checkIssued(lab) && certificate.verify(lab.publicKey);
  const isInTime =
    Date.parse(certificate.validFrom) <= headWall && headWall < Date.parse(certificate.validTo);
  const usages = (certificate.keyUsage as readonly string[] | undefined) ?? [];
  if (!isOurs || !isInTime || !usages.includes(clientAuth)) return undefined;
  const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? '';
  return decodeSafely(memberIdField, name).success ? memberId(name) : undefined;
}

type Connected = (error: Error | null, socket?: Duplex) => void;
type Connect = (
  options: { readonly host?: string; readonly port?: number; readonly servername?: string },
  done: Connected,
) => void;

/** An agent whose connections are made and vetted by us; pooled apart whenever `generation` changes. */
class VettedAgent extends Agent {
  readonly #generation: () => string;

  constructor(options: AgentOptions, generation: () => string, establish: Connect) {
    super(options);
    this.#generation = generation;
    // Node's types know only the form that returns a socket; http calls back just as well.
    this.createConnection = ((target: Parameters<Connect>[0], done: Connected) => {
      establish(target, done);
    }) as unknown as Agent['createConnection'];
  }

  override getName(options?: Parameters<Agent['getName']>[0]): string {
    return `${super.getName(options)}:${this.#generation()}`;
  }
}

/** HTTPS to the head, pinned, with this member's certificate. */
export function headAgent(
  headKey: string,
  credentials: () => MemberCredentials | undefined,
): Agent {
  return new VettedAgent(
    { keepAlive: true, maxFreeSockets: 4 },
    () => String(credentials()?.expires ?? 0),
    ({ host, port }, done) => {
      const address = `${host ?? ''}:${port ?? 0}`;
      void connectPinned({ address, headKey, credentials: credentials() }).then((outcome) => {
        if (outcome.ok) {
          done(null, outcome.socket);
        } else if (outcome.why === 'wrong-key') {
          outcome.socket.destroy();
          done(new Error(`${address} does not have the head's key`));
        } else {
          done(new Error(`the head does not answer at ${address}: ${outcome.reason}`));
        }
      });
    },
  );
}

/** HTTPS to another member; with `servername: '<id>.member.nightshift'` it has to be that one. */
export function peerAgent(
  credentials: () => MemberCredentials | undefined,
  headWall: () => number,
): Agent {
  return new VettedAgent(
    { keepAlive: false },
    () => '',
    ({ host, port, servername }, done) => {
      const own = credentials();
      if (own === undefined) {
        done(new Error('this PC is not enrolled'));
        return;
      }
      const socket = connect({
        host: host ?? '',
        port: port ?? 0,
        servername: servername?.endsWith('.member.nightshift') ? servername : '',
        rejectUnauthorized: false,
        minVersion: 'TLSv1.3',
        key: own.key,
        cert: own.certificate,
      });
      const timer = setTimeout(() => socket.destroy(new Error('no answer')), connectPatience);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        done(error);
      };
      socket.once('error', fail);
      socket.once('secureConnect', () => {
        clearTimeout(timer);
        socket.off('error', fail);
        socket.setNoDelay(true);
        const peer = memberAt(socket, own.labCertificate, headWall());
        const wanted = servername?.endsWith('.member.nightshift')
          ? servername.slice(0, servername.indexOf('.'))
          : peer;
        if (peer !== undefined && peer === wanted) {
          done(null, socket);
          return;
        }
        socket.destroy();
        done(new Error(`${host ?? ''}:${port ?? 0} is not the member it should be`));
      });
    },
  );
}
