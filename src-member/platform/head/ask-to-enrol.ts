import { createHmac } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  approvalCodeOf,
  approvalText,
  commitmentKey,
  commitmentText,
  committedNonce,
} from '../../../shared/domain/approval-code.ts';
import type { HeadClient } from '../../ports/head-client.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import {
  challengeReplySchema,
  enrolPaths,
  enrolRefusalSchema,
  waitReplySchema,
  type AskRequest,
} from '../../../shared/wire/enrolment.ts';
import { newCertificateRequest } from './certificate-request.ts';
import {
  enrolAt,
  factsOnWire,
  failure,
  notAnEnrolment,
  readAnswer,
  whoIsThere,
  type Answer,
} from './enrol.ts';
import { postJson } from './head-request.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { connectPinned } from './pinned-tls.ts';

/** What a PC keeps while it waits: by the same key and challenge it has the same code. */
interface Asking {
  readonly nonce: string;
  readonly key: string;
  readonly request: string;
  readonly publicKeySha256: string;
}

/** With a token a PC enrols by it; without one it asks, shows a code, and asks again until a person has said yes. */
export function enroller(hardware: () => string): HeadClient['enrol'] {
  let asking: Asking | undefined;
  return async (address, identity, facts) => {
    if (identity.token !== null) return enrolAt(address, identity, facts, hardware());
    const outcome = await connectPinned({ address, headKey: identity.headKey });
    if (!outcome.ok) {
      return outcome.why === 'unreachable'
        ? failure(outcome)
        : failure(await whoIsThere(outcome.socket));
    }
    const { socket } = outcome;
    try {
      const described = facts(socket.localAddress ?? '');
      if (asking === undefined) {
        const begun = await beginAsking(socket, described.machineKey);
        if ('ok' in begun) return begun;
        asking = begun;
      }
      const body: AskRequest = {
        protocol: protocolVersion,
        labId: identity.labId,
        nonce: asking.nonce,
        request: asking.request,
        wantedName: identity.name,
        hardware: hardware(),
        facts: factsOnWire(described),
      };
      const answer = await postJson(socket, enrolPaths.ask, body);
      if (answer?.status === 202 && decodeSafely(waitReplySchema, answer.body).success) {
        const { nonce, publicKeySha256 } = asking;
        const text = approvalText(identity.headKey, described.machineKey, publicKeySha256);
        const digest = hmac(nonce, text);
        return failure({ why: 'waiting', code: approvalCodeOf(digest) });
      }
      const { key } = asking;
      // Let in, or refused, or too late: whatever comes next begins with another key and another code.
      if (answer !== undefined) asking = undefined;
      // A head that knows no codes lets nobody in without a token.
      if (answer?.status === 404) return failure({ why: 'no-token' });
      return readAnswer(answer, key);
    } finally {
      socket.destroy();
    }
  };
}

/** The key comes first, and the head hears no more than a commitment to it before it has given its challenge. */
async function beginAsking(socket: TLSSocket, machineKey: string): Promise<Asking | Answer> {
  const made = await newCertificateRequest();
  const commitment = hmac(commitmentKey, commitmentText(machineKey, made.publicKeySha256));
  const challenge = await postJson(socket, enrolPaths.challenge, { commitment }, false);
  const decoded = decodeSafely(challengeReplySchema, challenge?.body);
  if (!decoded.success) {
    const refused = decodeSafely(enrolRefusalSchema, challenge?.body);
    return refused.success
      ? failure({ why: 'refused', refusal: refused.data })
      : failure(notAnEnrolment(challenge));
  }
  const { nonce } = decoded.data;
  // Whoever forgets the commitment could try keys; such a head lets in nobody without a token.
  if (!nonce.endsWith(committedNonce('', commitment))) return failure({ why: 'no-token' });
  return { nonce, ...made };
}

const hmac = (key: string, text: string): string =>
  createHmac('sha256', key).update(text).digest('hex');
