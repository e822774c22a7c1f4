import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { onError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { linkClosings } from '../../shared/wire/link-closings.ts';
import { refuseUpgrade } from '../platform/listener/router.ts';
import type { Access } from './access.ts';
import { callContext } from './caller-of-request.ts';
import { insistOnCaller, type CallContext } from './caller.ts';
import type { contractRouter } from './contract-router.ts';
import { asPlainJson } from './plain-json.ts';
import { asRefusal } from './refusal-error.ts';

/** A job with some hundred thousand inputs. */
const longestMessage = 64 * 1024 * 1024;
/** RFC 6455, 7.4.1. */
const policyViolation = 1008;
/** Browsers that were carried away say no goodbye. */
const pingEvery = 30_000;
/** Time to say goodbye in, once the head stops; whoever is slower is hung up on. */
const goodbyeWithin = 300;

/** The contract over WebSocket, for everybody who is let in. */
export class ApiSocket {
  readonly #access: Access;
  readonly #handler: RPCHandler<CallContext>;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: longestMessage,
  });
  readonly #answering = new WeakSet<WebSocket>();
  /** By which session a browser's socket was opened. */
  readonly #sessions = new WeakMap<WebSocket, string>();
  readonly #heartbeat: NodeJS.Timeout;
  #isClosing = false;

  constructor(
    router: ReturnType<typeof contractRouter>,
    access: Access,
    log: (line: string) => void,
  ) {
    this.#access = access;
    access.sessions.onEnded((ended) => {
      for (const socket of this.#server.clients)
        if (ended.includes(this.#sessions.get(socket) ?? ''))
          socket.close(policyViolation, 'this session was ended');
    });
    this.#handler = new RPCHandler(router, {
      clientInterceptors: [
        async (call) => asPlainJson(await call.next()),
        onError((error) => {
          throw asRefusal(error, log);
        }),
        (call) => {
          insistOnCaller(call);
          return call.next();
        },
      ],
    });
    this.#heartbeat = setInterval(() => this.#dropSilent(), pingEvery);
    this.#heartbeat.unref();
  }

  /** Handler of upgrade requests. */
  readonly accept = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#isClosing) {
      refuseUpgrade(socket, 503, 'The head is stopping.');
      return;
    }
    switch (this.#access.callerOf(request)) {
      case 'unknown':
        refuseUpgrade(socket, 401, 'The token is missing or not the one of this head.');
        return;
      case 'foreign-page':
        refuseUpgrade(socket, 403, 'Only pages of this head may talk to it.');
        return;
      case 'known':
        this.#server.handleUpgrade(request, socket, head, (opened) =>
          this.#open(opened, callContext(request), this.#access.sessionOf(request)),
        );
    }
  };

  /** Tells everybody why, and hangs up. What they follow (views, logs, media being written) ends with their link. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#heartbeat);
    const open = [...this.#server.clients];
    const gone = open.map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of open) socket.close(linkClosings.headStops, 'the head is stopping');
    const late = setTimeout(() => {
      for (const socket of open) socket.terminate();
    }, goodbyeWithin);
    await Promise.all(gone);
    clearTimeout(late);
  }

  #open(socket: WebSocket, context: CallContext, session: string | undefined): void {
    if (session !== undefined) this.#sessions.set(socket, session);
    this.#answering.add(socket);
    socket.on('pong', () => this.#answering.add(socket));
    socket.on('error', () => socket.terminate());
    void this.#handler.upgrade(
      {
        addEventListener: socket.addEventListener.bind(socket),
        // A promise, so that a stream waits for a slow reader instead of filling the memory.
        send: ((message: string | Uint8Array) =>
          new Promise<void>((resolve) =>
            socket.send(message, () => resolve()),
          )) as WebSocket['send'],
      },
      { context },
    );
  }

  #dropSilent(): void {
    for (const socket of this.#server.clients) {
      if (!this.#answering.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }
}
