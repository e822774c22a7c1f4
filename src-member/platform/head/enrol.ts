import { createHmac, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { ok, type Result } from '../../../shared/base/result.ts';
import { epochMillis } from '../../../shared/base/units.ts';
import type { MemberFacts } from '../../../shared/domain/member.ts';
import type { Enrolled, EnrolFailure, MemberCredentials } from '../../ports/head-client.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import {
  challengeReplySchema,
  enrolPaths,
  enrolRefusalSchema,
  enrolReplySchema,
  proofText,
  type BootIdentity,
  type EnrolRequest,
  type SeenReport,
} from '../../../shared/wire/enrolment.ts';
import { newCertificateRequest } from './certificate-request.ts';
import { postJson, type HeadAnswer } from './head-request.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { connectPinned } from './pinned-tls.ts';

export type Answer = Result<Enrolled, EnrolFailure>;

/** Proves the boot identity's token to the head and comes back with a certificate. */
export async function enrolAt(
  address: string,
  identity: BootIdentity,
  facts: (localAddress: string) => MemberFacts,
  hardware?: string,
): Promise<Answer> {
  const { token } = identity;
  if (token === null) return failure({ why: 'no-token' });
  const outcome = await connectPinned({ address, headKey: identity.headKey });
  if (!outcome.ok) {
    return outcome.why === 'unreachable'
      ? failure(outcome)
      : failure(await whoIsThere(outcome.socket));
  }
  const { socket } = outcome;
  try {
    const challenge = await postJson(socket, enrolPaths.challenge, {}, false);
    const decoded = decodeSafely(challengeReplySchema, challenge?.body);
    if (!decoded.success) return failure(notAnEnrolment(challenge));
    const { key, request, publicKeySha256 } = await newCertificateRequest();
    const described = facts(socket.localAddress ?? '');
    const text = proofText(decoded.data.nonce, described.machineKey, publicKeySha256);
    const body: EnrolRequest = {
      protocol: protocolVersion,
      labId: identity.labId,
      tokenId: token.id,
      nonce: decoded.data.nonce,
      proof: createHmac('sha256', token.secret).update(text).digest('hex'),
      request,
      wantedName: identity.name,
      ...(hardware === undefined ? {} : { hardware }),
      facts: factsOnWire(described),
    };
    return readAnswer(await postJson(socket, enrolPaths.enrol, body), key);
  } finally {
    socket.destroy();
  }
}

/** A new certificate for a new key, on the strength of one that still holds. */
export async function renewAt(
  address: string,
  identity: BootIdentity,
  credentials: MemberCredentials,
): Promise<Answer> {
  const outcome = await connectPinned({ address, headKey: identity.headKey, credentials });
  if (!outcome.ok) {
    return outcome.why === 'unreachable'
      ? failure(outcome)
      : failure(await whoIsThere(outcome.socket));
  }
  try {
    const { key, request } = await newCertificateRequest();
    return readAnswer(await postJson(outcome.socket, enrolPaths.renew, { request }), key);
  } finally {
    outcome.socket.destroy();
  }
}

/** Goes to any head, trusted or not: it carries nothing but that this PC is here and why it does not join. */
export async function tellHead(address: string, report: SeenReport): Promise<void> {
  const outcome = await connectPinned({ address, headKey: '' });
  if (!outcome.ok && outcome.why === 'unreachable') return;
  await postJson(outcome.socket, enrolPaths.seen, report);
  outcome.socket.destroy();
}

/** Asks a head that is not ours what lab it serves, for the sentence on the screen. */
export async function whoIsThere(socket: TLSSocket): Promise<EnrolFailure> {
  const answer = await postJson(socket, enrolPaths.challenge, {});
  socket.destroy();
  const decoded = decodeSafely(challengeReplySchema, answer?.body);
  return {
    why: 'wrong-key',
    lab: decoded.success ? decoded.data.lab.slice(0, 100) : null,
    labId: decoded.success ? decoded.data.labId : null,
  };
}

export function readAnswer(answer: HeadAnswer | undefined, key: string): Answer {
  const reply = decodeSafely(enrolReplySchema, answer?.body);
  if (answer?.status !== 200 || !reply.success) return failure(notAnEnrolment(answer));
  const { member, name, certificate, labCertificate, wallClock } = reply.data;
  try {
    const expires = epochMillis(Date.parse(new X509Certificate(certificate).validTo));
    return ok({
      credentials: { member, name, key, certificate, labCertificate, expires },
      wallClock: epochMillis(wallClock),
    });
  } catch {
    return failure({ why: 'unreachable', reason: 'it sent no certificate' });
  }
}

export function notAnEnrolment(answer: HeadAnswer | undefined): EnrolFailure {
  const refusal = decodeSafely(enrolRefusalSchema, answer?.body);
  if (refusal.success) return { why: 'refused', refusal: refusal.data };
  return { why: 'unreachable', reason: answer ? `it answered ${answer.status}` : 'it hung up' };
}

export function failure(error: EnrolFailure): Answer {
  return { ok: false, error };
}

export const factsOnWire = (facts: MemberFacts): EnrolRequest['facts'] => ({
  ...facts,
  cpuFeatures: [...facts.cpuFeatures],
  packs: [...facts.packs],
});
