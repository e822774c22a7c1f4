import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EnrolmentRequests } from '../../ports/enrolment.ts';
import { enrolPaths, type EnrolRefusal, type WaitReply } from '../../../shared/wire/enrolment.ts';
import type { Peer } from './peer.ts';
import type { Router } from './router.ts';

const longestBody = 256 * 1024;

/** The only paths that answer a PC without a certificate: small POSTs of JSON. */
export function addEnrolmentRoutes(router: Router, requests: EnrolmentRequests): void {
  post(enrolPaths.challenge, async (body, from) => {
    const answer = requests.challenge(body, from);
    return answer.ok ? { status: 200, body: answer.value } : { status: 403, body: answer.error };
  });
  post(enrolPaths.enrol, async (body, from) => {
    const answer = await requests.enrol(body, from);
    return answer.ok ? { status: 200, body: answer.value } : { status: 403, body: answer.error };
  });
  post(enrolPaths.ask, async (body, from) => {
    const answer = await requests.ask(body, from);
    if (!answer.ok) return { status: 403, body: answer.error };
    const wait: WaitReply = { waits: true };
    return answer.value === null
      ? { status: 202, body: wait }
      : { status: 200, body: answer.value };
  });
  post(enrolPaths.renew, async (body, _from, peer) => {
    if (peer.kind !== 'member') {
      const error: EnrolRefusal = {
        code: 'refused',
        sentence: 'Only a member renews its certificate; enrol.',
      };
      return { status: 401, body: error };
    }
    const answer = await requests.renew(peer.id, body);
    return answer.ok ? { status: 200, body: answer.value } : { status: 403, body: answer.error };
  });
  post(enrolPaths.seen, async (body, from) => {
    const answer = requests.seen(body, from);
    return answer.ok ? { status: 200, body: {} } : { status: 400, body: answer.error };
  });

  function post(
    path: string,
    answer: (body: unknown, from: string, peer: Peer) => Promise<{ status: number; body: unknown }>,
  ): void {
    router.route(path, async (request, response, peer) => {
      if (request.method !== 'POST') {
        reply(response, 405, malformed('This path takes POST only.'));
        return;
      }
      const body = await readJson(request);
      if (body === undefined) {
        reply(response, 400, malformed('The body was no JSON, or too long.'));
        return;
      }
      const answered = await answer(body.value, addressOf(request), peer);
      reply(response, answered.status, answered.body);
    });
  }
}

function malformed(sentence: string): EnrolRefusal {
  return { code: 'malformed', sentence };
}

async function readJson(
  request: IncomingMessage,
): Promise<{ readonly value: unknown } | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > longestBody) return undefined;
    pieces.push(piece);
  }
  try {
    return { value: size === 0 ? {} : JSON.parse(Buffer.concat(pieces).toString('utf8')) };
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Without the prefix a dual-stack socket puts before IPv4. */
function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}
