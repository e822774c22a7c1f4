import type { TLSSocket } from 'node:tls';
import type { MemberId } from '../../../shared/domain/ids.ts';
import { memberNamedBy } from './peer.ts';

/** The TLS port's connections, so that all of one member's can be ended. */
export class SecuredSockets {
  readonly #open = new Set<TLSSocket>();

  add(socket: TLSSocket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
  }

  /** Ends all that goes on with one member, its link included. */
  hangUp(member: MemberId): void {
    for (const socket of this.#open) {
      const certificate = socket.getPeerX509Certificate();
      if (certificate && memberNamedBy(certificate) === member) socket.destroy();
    }
  }
}
