import { WebSocket } from 'ws';
import type {
  DialledLink,
  LinkClosing,
  LinkEvents,
  MemberCredentials,
} from '../../ports/head-client.ts';
import { memberLinkPath } from '../../../shared/wire/codec.ts';
import { headServerName, type BootIdentity } from '../../../shared/wire/enrolment.ts';
import { connectPinned } from './pinned-tls.ts';

/** A start message with thousands of inputs fits. */
const longestMessage = 64 * 1024 * 1024;
const upgradePatience = 5000;

/**
 * Dials the head once. No compression, pings or TCP keep-alive: heartbeats are the only traffic of an idle
 * member, and their answers tell whether the link lives.
 */
export function dialHead(
  address: string,
  identity: BootIdentity,
  credentials: MemberCredentials,
  events: LinkEvents,
): DialledLink {
  let socket: WebSocket | undefined;
  let over = false;
  const finish = (closing: LinkClosing): void => {
    if (over) return;
    over = true;
    socket?.terminate();
    events.onClosed(closing);
  };

  void connectPinned({ address, headKey: identity.headKey, credentials }).then((outcome) => {
    if (!outcome.ok) {
      if (outcome.why === 'wrong-key') outcome.socket.destroy();
      const reason = outcome.why === 'wrong-key' ? 'it has another key' : outcome.reason;
      finish({ why: outcome.why, reason });
      return;
    }
    if (over) {
      outcome.socket.destroy();
      return;
    }
    // TLS is up and its other end is known, so what remains is a plain upgrade on this very socket.
    socket = new WebSocket(`ws://${headServerName}${memberLinkPath}`, {
      createConnection: () => outcome.socket,
      perMessageDeflate: false,
      maxPayload: longestMessage,
      handshakeTimeout: upgradePatience,
    });
    socket.on('open', () => {
      if (!over) events.onOpen();
    });
    socket.on('message', (bytes: Buffer) => {
      if (!over) events.onText(bytes.toString('utf8'));
    });
    socket.on('unexpected-response', (_request, response) => {
      const why = response.statusCode === 401 ? 'certificate-refused' : 'unreachable';
      finish({ why, reason: `it answered ${response.statusCode ?? 0}` });
    });
    socket.on('error', (error) => finish({ why: 'closed', code: 1006, reason: error.message }));
    socket.on('close', (code, reason) =>
      finish({ why: 'closed', code, reason: reason.toString('utf8') || 'it hung up' }),
    );
  });

  return {
    send: (text) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => {
      if (code !== undefined && socket?.readyState === WebSocket.OPEN) {
        // It ends with the head's answer, or half a minute later by itself.
        socket.close(code);
        socket = undefined;
      }
      // A link that was silent is cut, not closed: nobody would answer the closing handshake either.
      if (socket?.readyState === WebSocket.OPEN) {
        socket.close(1000);
        socket.terminate();
      }
      finish({ why: 'closed', code: 1000, reason: 'closed by this PC' });
    },
  };
}
