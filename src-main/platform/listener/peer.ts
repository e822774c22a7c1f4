import type { TLSSocket } from 'node:tls';
import { memberId, type MemberId } from '../../../shared/domain/ids.ts';
import { memberIdField } from '../../../shared/wire/fields.ts';

/** Who is at the other end, as far as TLS can tell. People are known by their token, see src-main/api. */
export type Peer = { readonly kind: 'member'; readonly id: MemberId } | { readonly kind: 'nobody' };

export const nobody: Peer = { kind: 'nobody' };

/**
 * A member is whoever shows a certificate of this lab's CA that is made for clients and not over. The dates
 * are looked at again here, since a connection may live longer than the certificate it began with.
 */
export function peerOf(socket: TLSSocket, now: number): Peer {
  if (!socket.authorized) return nobody;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || Date.parse(certificate.validTo) < now) return nobody;
  const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? '';
  return memberIdField.safeParse(name).success ? { kind: 'member', id: memberId(name) } : nobody;
}
