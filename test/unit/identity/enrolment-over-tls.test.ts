import { createHmac } from 'node:crypto';
import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { epochMillis, hours, minutes } from '../../../shared/base/units.ts';
import type { EnrolFailure } from '../../../src-member/ports/head-client.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import { challengeReplySchema, enrolPaths, proofText } from '../../../shared/wire/enrolment.ts';
import { newCertificateRequest } from '../../../src-member/platform/head/certificate-request.ts';
import { enrolAt, renewAt, tellHead } from '../../../src-member/platform/head/enrol.ts';
import { postJson } from '../../../src-member/platform/head/head-request.ts';
import { connectPinned } from '../../../src-member/platform/head/pinned-tls.ts';
import { LoopbackHead } from './loopback-head.ts';
import { factsOf } from './member-facts.ts';

let head: LoopbackHead;
beforeEach(async () => {
  head = await LoopbackHead.start('Room 101');
});
afterEach(() => head.remove());

const pc = (key: string) => () => factsOf(key);

function refusalOf(answer: { ok: true } | { ok: false; error: EnrolFailure }): string {
  if (answer.ok) return 'granted';
  return answer.error.why === 'refused' ? answer.error.refusal.code : answer.error.why;
}

describe('a PC that enrols over TLS', () => {
  test('gets a certificate for a day and the name it wished for', async () => {
    const answer = await enrolAt(head.address, head.bootIdentity({ name: 'pc-07' }), pc('m1'));
    expect(answer.ok && answer.value.credentials.member).toBe('pc-07');
    const left = answer.ok ? answer.value.credentials.expires - answer.value.wallClock : 0;
    expect(Math.round(left / hours(1))).toBe(24);
  });

  test('renews its certificate without a token', async () => {
    const boot = head.bootIdentity({ name: 'pc-07' });
    const first = await enrolAt(head.address, boot, pc('m1'));
    expect(first.ok).toBe(true);
    if (!first.ok) return;
    const again = await renewAt(head.address, { ...boot, token: null }, first.value.credentials);
    expect(again.ok && again.value.credentials.member).toBe('pc-07');
    expect(again.ok && again.value.credentials.key).not.toBe(first.value.credentials.key);
  });

  test('shows nothing to a head with another key but learns what lab it serves', async () => {
    const other = await LoopbackHead.start('Room 202');
    try {
      const answer = await enrolAt(other.address, head.bootIdentity(), pc('m1'));
      expect(answer).toEqual({
        ok: false,
        error: { why: 'wrong-key', lab: 'Room 202', labId: other.identity.lab.id },
      });
      await tellHead(other.address, {
        machineKey: 'm1',
        address: '',
        name: null,
        reason: 'Wrong lab.',
      });
      expect(other.seen).toEqual([
        { machineKey: 'm1', address: '127.0.0.1', name: null, reason: 'Wrong lab.' },
      ]);
    } finally {
      await other.remove();
    }
  });

  test('of another lab is refused, and the head shows the same reason', async () => {
    const boot = { ...head.bootIdentity(), labId: 'other' };
    expect(refusalOf(await enrolAt(head.address, boot, pc('m1')))).toBe('wrong-lab');
    expect(head.seen[0]?.reason).toContain('belongs to another lab, not to "Room 101"');
  });

  test('comes with an expired token and both sides say so', async () => {
    const boot = head.bootIdentity({ validFor: -1 });
    const answer = await enrolAt(head.address, boot, pc('m1'));
    expect(refusalOf(answer)).toBe('expired-token');
    expect(head.seen[0]?.reason).toMatch(/token expired on .* UTC; make a new boot medium/);
  });

  test('may use its single token at every boot, also after the head restarted, but another PC may not', async () => {
    const boot = head.bootIdentity({ single: true });
    expect(refusalOf(await enrolAt(head.address, boot, pc('m1')))).toBe('granted');
    await head.stop();
    head = await LoopbackHead.start('ignored', { folder: head.folder });
    expect(head.identity.lab.name).toBe('Room 101');
    expect(refusalOf(await enrolAt(head.address, boot, pc('m1')))).toBe('granted');
    expect(refusalOf(await enrolAt(head.address, boot, pc('m2')))).toBe('replayed-token');
    expect(head.seen[0]?.reason).toContain('for one PC only');
  });

  test('finds nobody: says so instead of throwing', async () => {
    const boot = head.bootIdentity();
    for (const address of ['127.0.0.1:1', 'nonsense', 'host:99999', '']) {
      expect(refusalOf(await enrolAt(address, boot, pc('m1')))).toBe('unreachable');
    }
  });
});

test('a proof that was overheard and sent again is refused as replayed', async () => {
  const boot = head.bootIdentity();
  const outcome = await connectPinned({ address: head.address, headKey: boot.headKey });
  if (!outcome.ok) throw new Error(outcome.why);
  const { socket } = outcome;
  const challenge = await postJson(socket, enrolPaths.challenge, {}, false);
  const { nonce } = challengeReplySchema.parse(challenge?.body);
  const { request, publicKeySha256 } = await newCertificateRequest();
  const body = {
    protocol: protocolVersion,
    labId: boot.labId,
    tokenId: boot.token?.id,
    nonce,
    proof: createHmac('sha256', boot.token?.secret ?? '')
      .update(proofText(nonce, 'm1', publicKeySha256))
      .digest('hex'),
    request,
    wantedName: null,
    facts: factsOf('m1'),
  };
  const statuses = [
    await postJson(socket, enrolPaths.enrol, body, false),
    await postJson(socket, enrolPaths.enrol, body, false),
    // The certificate request of somebody else under the same proof.
    await postJson(
      socket,
      enrolPaths.enrol,
      { ...body, request: (await newCertificateRequest()).request },
      false,
    ),
    await postJson(socket, enrolPaths.enrol, { ...body, request: 'no request' }, false),
    await postJson(socket, enrolPaths.enrol, { protocol: 99 }, false),
    await postJson(socket, enrolPaths.enrol, [1, 2], true),
  ].map((answer) => [answer?.status, (answer?.body as { code?: string }).code]);
  expect(statuses).toEqual([
    [200, undefined],
    [403, 'replayed-token'],
    [403, 'replayed-token'],
    [403, 'malformed'],
    [403, 'protocol'],
    [403, 'malformed'],
  ]);
  socket.destroy();
});

test("the lab's keys are for its owner's eyes only and survive a restart", async () => {
  const key = head.identity.headKeySha256;
  head.bootIdentity();
  expect(statSync(head.folder).mode & 0o777).toBe(0o700);
  for (const name of ['lab-ca.key', 'head.key', 'head.pem', 'tokens.json', 'lab.json']) {
    expect(statSync(join(head.folder, name)).mode & 0o777).toBe(0o600);
  }
  await head.stop();
  head = await LoopbackHead.start('x', { folder: head.folder });
  expect(head.identity.headKeySha256).toBe(key);
});

test("the head's certificate is renewed for the same key before it ends", async () => {
  const now = Date.now();
  const first = await head.identity.headCertificate(epochMillis(now));
  expect(await head.identity.headCertificate(epochMillis(now + hours(24)))).toBe(first);
  const later = await head.identity.headCertificate(epochMillis(now + 700 * hours(24)));
  expect(later).not.toBe(first);
});

test('a port in use is a sentence with a way out', async () => {
  await expect(LoopbackHead.start('y', { folder: head.folder, port: head.port })).rejects.toThrow(
    `Port ${head.port} is in use by another program; start with --port N.`,
  );
});

test('a clock that is an hour behind does not keep a PC out', async () => {
  const slow = await LoopbackHead.start('Slow', {
    wall: () => epochMillis(Date.now() - minutes(59)),
  });
  try {
    expect(refusalOf(await enrolAt(slow.address, slow.bootIdentity(), pc('m1')))).toBe('granted');
  } finally {
    await slow.remove();
  }
});

test('a damaged identity is a sentence with a way out, never a new lab by accident', async () => {
  await head.stop();
  writeFileSync(join(head.folder, 'tokens.json'), '[{"id":1}]');
  await expect(LoopbackHead.start('z', { folder: head.folder })).rejects.toThrow(
    /^The token file .*tokens\.json is damaged; put it back/,
  );
  truncateSync(join(head.folder, 'head.key'), 10);
  await expect(LoopbackHead.start('z', { folder: head.folder })).rejects.toThrow(
    /^The lab's identity in .* cannot be used .*; put the folder back from a backup/,
  );
});
