import type { Server, Socket } from 'node:net';

/**
 * Every connection of a server, also those that have become WebSockets: Node counts those among the open ones, for which
 * `close` waits, but not among those that `closeAllConnections` ends.
 */
export class OpenSockets {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
  }

  /** Takes nobody in any more and hangs up on everybody, whatever they are doing. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
