import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How many connections are held open, and how long for those who have not said who they are. Spans in milliseconds. */
export interface ConnectionLimits {
  /** Connections of unknown callers in all. More are hung up on: descriptors are what a head lives on. */
  readonly unknown: number;
  /** Of unknown callers from one address. */
  readonly ofOneAddress: number;
  /** Of unknown callers on this very machine, where practice PCs and scripts come from one address. */
  readonly ofThisMachine: number;
  /** Of one member, or of people from one address. */
  readonly ofOneKnown: number;
  /** Until an unknown caller has asked something: TLS and the head of its first request. */
  readonly untilRequest: number;
  /** After an answer that came before the request was whole. */
  readonly untilRead: number;
  /** Until the body of an unknown caller's request is here; those of members and people may take all night. */
  readonly untilBody: number;
}

export const usualLimits: ConnectionLimits = {
  unknown: 256,
  ofOneAddress: 16,
  ofThisMachine: 128,
  ofOneKnown: 64,
  untilRequest: 10_000,
  untilBody: 15_000,
  untilRead: 3_000,
};

interface Held {
  readonly socket: Socket;
  readonly address: string;
  /** null: not known yet. */
  known: string | null;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Keeps the connections of a server within bounds. Whoever has not shown a member's certificate or a person's token is
 * unknown; so are people whose requests are short. Over a bound it is hung up on: members and people try again.
 */
export class ConnectionCaps {
  readonly #limits: ConnectionLimits;
  readonly #held = new Map<string, Held>();
  readonly #unknown = new Map<string, number>();
  readonly #known = new Map<string, number>();
  #unknownInAll = 0;

  constructor(server: Server, limits: ConnectionLimits = usualLimits) {
    this.#limits = limits;
    server.on('connection', (socket: Socket) => this.#onConnection(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response),
    );
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      this.#clear(request.socket);
      // Whoever is refused is answered and ended at once; who stays has been let in.
      setImmediate(() => {
        if (!socket.writableEnded && !socket.destroyed)
          this.know(request.socket, `people at ${request.socket.remoteAddress ?? ''}`);
      });
    });
  }

  /** The other end has shown who it is; it counts among its own from now on. */
  know(socket: Socket, who: string): void {
    const held = this.#held.get(nameOf(socket));
    if (held === undefined || held.known !== null) return;
    this.#forgetUnknown(held);
    held.known = who;
    const there = (this.#known.get(who) ?? 0) + 1;
    this.#known.set(who, there);
    if (there > this.#limits.ofOneKnown) held.socket.destroy();
  }

  /** How many are held at this moment. */
  count(): { readonly unknown: number; readonly known: number } {
    return {
      unknown: this.#unknownInAll,
      known: this.#held.size - this.#unknownInAll,
    };
  }

  #onConnection(socket: Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined) {
      socket.destroy();
      return;
    }
    const here = this.#unknown.get(address) ?? 0;
    const most = isThisMachine(address) ? this.#limits.ofThisMachine : this.#limits.ofOneAddress;
    if (here >= most || this.#unknownInAll >= this.#limits.unknown) {
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    const held: Held = { socket, address, known: null, timer: undefined };
    this.#held.set(name, held);
    this.#unknown.set(address, here + 1);
    this.#unknownInAll += 1;
    held.timer = this.#after(this.#limits.untilRequest, () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(held.timer);
      this.#held.delete(name);
      if (held.known === null) this.#forgetUnknown(held);
      else decrease(this.#known, held.known);
    });
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#clear(socket);
    const held = this.#held.get(nameOf(socket));
    if (held === undefined || held.known !== null) return;
    const { authorization, cookie } = request.headers;
    const hangUp = (): void => {
      if (!request.complete) socket.destroy();
    };
    // Who shows a token is judged by the route; a wrong one is answered at once, and its body is not waited for.
    if (authorization === undefined && cookie === undefined) {
      const late = this.#after(this.#limits.untilBody, hangUp);
      response.once('close', () => clearTimeout(late));
    }
    // It shall read what it was told before the rest of what it sends is cut off.
    response.once('finish', () => this.#after(this.#limits.untilRead, hangUp));
  }

  #clear(socket: Socket): void {
    const held = this.#held.get(nameOf(socket));
    if (held === undefined) return;
    clearTimeout(held.timer);
    // What is not waited for any more would stay in the memory as long as the connection.
    held.timer = undefined;
  }

  #forgetUnknown({ address }: Held): void {
    this.#unknownInAll -= 1;
    decrease(this.#unknown, address);
  }

  #after(span: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(action, span);
    timer.unref();
    return timer;
  }
}

/** Of a connection, and of the TLS that was laid over it: both have the same two ends. */
const nameOf = (socket: Socket): string =>
  `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''} ${socket.localPort ?? ''}`;

const isThisMachine = (address: string): boolean => /^(::1$|(::ffff:)?127\.)/.test(address);

function decrease(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left <= 0) counts.delete(key);
  else counts.set(key, left);
}
