import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request, type Agent, type Server } from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { ok, type Result } from '../../../shared/base/result.ts';
import type { AttemptKey } from '../../../shared/domain/attempt-key.ts';
import { epoch, parseTaskId, taskIdOf, type MemberId } from '../../../shared/domain/ids.ts';
import type { MemberCredentials } from '../../ports/head-client.ts';
import type {
  Arrival,
  Transfers,
  TransferFault,
  TransferTarget,
} from '../../ports/task-transfer.ts';

export interface TransferOptions {
  readonly port: number;
  readonly peerAgent: Agent;
  peerOf(socket: TLSSocket): MemberId | undefined;
}

const answerSchema = z.object({ ok: z.boolean(), reason: z.string().optional() });
const ticketHeader = 'x-ticket';
const needsHeader = 'x-needs';

/** Without a byte moving for this long the other side is gone. */
const stallPatience = 60_000;
/** How long the target may restore. */
const answerPatience = 300_000;

/** `POST /transfer/<task>/<epoch>`: the state as body, answered when it runs or never will. */
export class HttpsTransfers implements Transfers {
  readonly #options: TransferOptions;
  readonly #server: Server;
  #onArrival: (arrival: Arrival) => void = (arrival) => arrival.refuse('this PC takes nothing yet');

  constructor(options: TransferOptions) {
    this.#options = options;
    // Nobody gets in before there is a certificate: there is nothing to shake hands with.
    this.#server = createServer({
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
    });
    this.#server.requestTimeout = 0; // a large task takes as long as it takes
    this.#server.on('request', (asked, answer) => this.#onRequest(asked, answer));
    this.#server.on('tlsClientError', () => undefined);
  }

  /** Resolves with the port. */
  open(): Promise<number> {
    return new Promise((resolve, reject) => {
      const listening = (): void => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : this.#options.port);
      };
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE' || this.#options.port === 0) reject(error);
        else this.#server.listen(0, listening);
      });
      this.#server.listen(this.#options.port, listening);
    });
  }

  setCredentials({ key, certificate, labCertificate }: MemberCredentials): void {
    this.#server.setSecureContext({ key, cert: certificate, ca: labCertificate });
  }

  listen(onArrival: (arrival: Arrival) => void): void {
    this.#onArrival = onArrival;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #onRequest(asked: IncomingMessage, answer: ServerResponse): void {
    const from = this.#options.peerOf(asked.socket as TLSSocket);
    const of = attemptIn(asked.url ?? '');
    asked.on('error', () => undefined);
    let answered = false;
    const say = (status: number, body: z.infer<typeof answerSchema>): void => {
      if (answered) return;
      answered = true;
      answer.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      answer.end(JSON.stringify(body));
      asked.resume(); // the rest, so that the answer is not lost in a reset
    };
    const ticket = asked.headers[ticketHeader];
    if (from === undefined) say(401, { ok: false, reason: 'only members of this lab may send' });
    else if (asked.method !== 'POST' || !of || typeof ticket !== 'string')
      say(404, { ok: false, reason: 'there is nothing here' });
    else {
      this.#onArrival({
        ...of,
        ticket,
        from,
        needs: Math.max(0, Number(asked.headers[needsHeader] ?? 0)) || 0,
        bytes: () => asked as AsyncIterable<Uint8Array>,
        accept: () => say(200, { ok: true }),
        refuse: (reason) => say(409, { ok: false, reason }),
        breakOff: () => void asked.socket.destroy(),
      });
    }
  }

  async send(
    as: AttemptKey,
    to: TransferTarget,
    bytes: AsyncIterable<Uint8Array>,
    cancelled: { onCancel(action: () => void): void },
    needs = 0,
  ): Promise<Result<{ readonly bytes: number }, TransferFault>> {
    const sending = request({
      method: 'POST',
      host: to.address,
      port: to.port,
      servername: `${to.member}.member.nightshift`,
      path: `/transfer/${as.task}/${as.epoch}`,
      agent: this.#options.peerAgent,
      headers: { [ticketHeader]: to.ticket, [needsHeader]: String(Math.ceil(needs)) },
    });
    cancelled.onCancel(() => sending.destroy(new Error('it was called off')));
    sending.setTimeout(stallPatience, () => sending.destroy(new Error('the connection stalled')));
    const answer = new Promise<IncomingMessage | Error>((resolve) => {
      sending.once('response', resolve);
      sending.once('error', resolve);
      sending.once('close', () => resolve(new Error('the connection broke')));
    });
    let count = 0;
    // Set before the end of the body can leave: from then on the target may have everything.
    let complete = false;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of bytes) {
        count += chunk.length;
        yield chunk;
      }
      complete = true;
      sending.setTimeout(answerPatience);
    };
    const trouble = pipeline(counted(), sending).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    const response = await answer;
    if (response instanceof Error) {
      sending.destroy();
      const reason = (complete ? response : ((await trouble) ?? response)).message;
      return failed(complete ? 'uncertain' : 'refused', reason);
    }
    const said = await readAnswer(response);
    if (said === undefined) {
      sending.destroy();
      await trouble;
      return failed(complete ? 'uncertain' : 'refused', 'the connection broke');
    }
    if (said.ok) return ok({ bytes: count });
    sending.destroy();
    await trouble;
    return failed('refused', said.reason ?? 'the other PC refused it');
  }
}

const failed = (
  outcome: TransferFault['outcome'],
  reason: string,
): { readonly ok: false; readonly error: TransferFault } => ({
  ok: false,
  error: { outcome, reason },
});

function attemptIn(path: string): AttemptKey | undefined {
  const match = /^\/transfer\/([\d.]+)\/(\d{1,9})$/.exec(path);
  const task = parseTaskId(match?.[1] ?? '');
  return task && match?.[2]
    ? { task: taskIdOf(task.job, task.index), epoch: epoch(Number(match[2])) }
    : undefined;
}

async function readAnswer(
  response: IncomingMessage,
): Promise<z.infer<typeof answerSchema> | undefined> {
  try {
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return answerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
