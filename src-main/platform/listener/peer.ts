import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { memberId, type MemberId } from '../../../shared/domain/ids.ts';
import { memberIdField } from '../../../shared/wire/fields.ts';

/**
 * Who is at the other end, as far as TLS and the lab's books can tell. `away`: its certificate is this lab's, but it is not in
 * the lab at this moment, and may do no more than link and be told. People are known by their token, see src-main/api.
 */
export type Peer =
  { readonly kind: 'member' | 'away'; readonly id: MemberId } | { readonly kind: 'nobody' };

export const nobody: Peer = { kind: 'nobody' };

/** What the lab knows of whoever bears a name. */
export interface LabOfPeers {
  /** `banned`: whatever it shows, it is nobody. */
  standingOf(id: MemberId): 'present' | 'away' | 'banned';
  /** When the certificate was made with which its open link came; undefined when none is open. */
  linkedSince(id: MemberId): number | undefined;
}

/** Where nobody keeps books: a certificate says it all. */
export const everyoneIsHere: LabOfPeers = {
  standingOf: () => 'present',
  linkedSince: () => undefined,
};

/**
 * A member is whoever shows a certificate of this lab's CA that is made for clients and not over, and whom the lab has not
 * shut out. The dates are looked at again here, since a connection may live longer than the certificate it began with. They are
 * passed over for one whose link is open: then it is the head's own clock that jumped, and its saves must not be refused. One
 * that is older than the link's stays over: it is of another night, whoever kept it.
 */
export function peerOf(
  socket: TLSSocket,
  now: number,
  labCertificate: X509Certificate,
  lab: LabOfPeers,
): Peer {
  const certificate = socket.getPeerX509Certificate();
  const id = certificate && memberNamedBy(certificate);
  if (certificate === undefined || id === undefined) return nobody;
  const isInTime =
    Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
  const isGood = socket.authorized && isInTime;
  if (!isGood) {
    const since = lab.linkedSince(id);
    const isOfLink = since !== undefined && issuedAt(certificate) >= since;
    if (!isOfLink || !isOfLab(certificate, labCertificate)) return nobody;
  }
  const standing = lab.standingOf(id);
  if (standing === 'banned') return nobody;
  return { kind: standing === 'present' ? 'member' : 'away', id };
}

export const issuedAt = (certificate: X509Certificate): number => Date.parse(certificate.validFrom);

/** RFC 5280 §4.2.1.12: id-kp-clientAuth. */
const clientAuth = '1.3.6.1.5.5.7.3.2';

/** All that TLS looks at but the dates. */
function isOfLab(certificate: X509Certificate, lab: X509Certificate): boolean {
  const isForClients = (certificate.keyUsage as readonly string[] | undefined)?.includes(
    clientAuth,
  );
  return isForClients === true && certificate.checkIssued(lab) && certificate.verify(lab.publicKey);
}

export function memberNamedBy(certificate: X509Certificate): MemberId | undefined {
  const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? '';
  return decodeSafely(memberIdField, name).success ? memberId(name) : undefined;
}
