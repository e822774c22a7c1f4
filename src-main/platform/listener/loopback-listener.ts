import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionCaps, usualLimits, type ConnectionLimits } from './connection-caps.ts';
import { OpenSockets } from './open-sockets.ts';
import type { Router } from './router.ts';

/** Other users of this machine reach this port, too, and must not use up the head's descriptors. */
const limitsHere: ConnectionLimits = {
  ...usualLimits,
  ...{ unknown: 512, ofThisMachine: 512, ofOneKnown: 512 },
};

/**
 * Plain HTTP for a browser on the very same machine, which would not know the lab's own certificate authority. It
 * answers to nobody else.
 */
export class LoopbackListener {
  readonly #server = createServer();
  readonly #sockets = new OpenSockets(this.#server);

  constructor(router: Router, limits: ConnectionLimits = limitsHere) {
    new ConnectionCaps(this.#server, limits);
    this.#server.requestTimeout = 0; // as on the TLS port
    router.serve(this.#server);
  }

  /** Takes the wished port or, when it is not to be had, any. */
  async listen(wished: number): Promise<{ readonly port: number }> {
    await this.#listen(wished).catch(() => this.#listen(0));
    return { port: (this.#server.address() as AddressInfo).port };
  }

  /** Hangs up on everybody. */
  close(): Promise<void> {
    return this.#sockets.close();
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: '127.0.0.1' }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }
}
