import type { ContractRouterClient } from '@orpc/contract';
import type { WebSocket as NodeWebSocket } from 'ws';
import { refuse, type Result } from '../../shared/base/result.ts';
import { refuseHome } from '../../shared/domain/home-refusal.ts';
import { httpPaths, type Contract } from '../../shared/api/contract.ts';
import { kindOfHome, readCredentials, readHeadJson } from './head-directory.ts';
import { openBlobs, type HeadBlobs } from './head-blobs.ts';

export interface HeadConnection {
  readonly api: ContractRouterClient<Contract>;
  readonly blobs: HeadBlobs;
  readonly alive: () => boolean;
  readonly close: () => void;
}

/** Name in the head's certificate, whatever the machine is called. */
const serverName = 'nightshift-head';
const openTimeout = 10_000;
/** A head that is killed on another machine says nothing; a silent link is broken after two of these. */
const pingEvery = 10_000;

/** Connects to the head that runs for this home. */
export async function connectToHead(home: string): Promise<Result<HeadConnection>> {
  const kind = await kindOfHome(home);
  if (kind === 'EACCES') return ofAnotherUser(home);
  if (kind !== 'folder' && kind !== 'nothing') return refuseHome(home, kind);
  const none = refuse(
    'failed',
    `no head is running for ${home}; start one with npm start, nightshift head, or nightshift practice up.`,
  );
  const facts = await readHeadJson(home);
  if (facts === null) return none;
  const credentials = await readCredentials(home);
  if (credentials === 'denied') return ofAnotherUser(home);
  if (credentials === null) return none;

  const tls = { ca: credentials.labCa, servername: serverName };
  const headers = { authorization: `Bearer ${credentials.token}` };
  // Loaded now and not before: help and misuse are answered without them.
  const [{ WebSocket }, { createORPCClient }, { RPCLink }] = await Promise.all([
    import('ws'),
    import('@orpc/client'),
    import('@orpc/client/websocket'),
  ]);
  const socket = new WebSocket(`wss://127.0.0.1:${facts.port}${httpPaths.api}`, {
    ...tls,
    headers,
    handshakeTimeout: openTimeout,
    perMessageDeflate: false,
  });
  const failure = await new Promise<Error | null>((settle) => {
    socket.once('open', () => settle(null));
    socket.once('error', settle);
  });
  socket.on('error', () => socket.terminate());
  if (failure !== null) {
    socket.terminate();
    const code = 'code' in failure ? failure.code : undefined;
    if (code === 'ECONNREFUSED') return none;
    if (/\b401\b|\b403\b/.test(failure.message)) {
      return refuse(
        'refused',
        `the head does not accept the token in ${home}/api-token; is another head using port ${facts.port}?`,
      );
    }
    return refuse(
      'failed',
      `the head of ${home} cannot be reached at port ${facts.port}: ${failure.message}.`,
    );
  }

  let answered = true;
  socket.on('pong', () => (answered = true));
  const watchdog = setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    socket.ping();
  }, pingEvery);
  watchdog.unref();
  socket.once('close', () => clearInterval(watchdog));

  const api: ContractRouterClient<Contract> = createORPCClient(
    new RPCLink({ websocket: asBrowserSocket(socket) }),
  );
  const blobs = openBlobs({ port: facts.port, ...tls, headers });
  return {
    ok: true,
    value: {
      api,
      blobs,
      alive: () => socket.readyState === WebSocket.OPEN,
      close: () => {
        clearInterval(watchdog);
        blobs.close();
        socket.terminate();
      },
    },
  };
}

function ofAnotherUser(home: string): ReturnType<typeof refuse> {
  return refuse(
    'refused',
    `the head of ${home} belongs to another user; run this as that user, or set NIGHTSHIFT_HOME to your own head's.`,
  );
}

type BrowserSocket = Pick<
  WebSocket,
  'addEventListener' | 'removeEventListener' | 'send' | 'readyState'
>;

/** ws behaves as a browser's socket does; only its types of listeners differ. */
function asBrowserSocket(socket: NodeWebSocket): BrowserSocket {
  return socket as unknown as BrowserSocket;
}
