import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { epochMillis, hours } from '../../../shared/base/units.ts';
import type {
  DialledLink,
  LinkClosing,
  MemberCredentials,
} from '../../../src-member/ports/head-client.ts';
import { encodeToHead } from '../../../shared/wire/codec.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { openTokens } from '../../../src-main/features/tokens.ts';
import { enrolAt, renewAt } from '../../../src-member/platform/head/enrol.ts';
import { dialHead } from '../../../src-member/platform/head/head-link.ts';
import { headAgent } from '../../../src-member/platform/head/member-peers.ts';
import { hello, LoopbackHead } from './loopback-head.ts';
import { factsOf } from './member-facts.ts';

/** What a certificate or a token let somebody do, and what withdraws it: enrolling, renewing, linking, fetching. */

let head: LoopbackHead;
let boot: BootIdentity;
const links: DialledLink[] = [];
beforeEach(async () => {
  head = await begin();
  boot = head.bootIdentity();
});
afterEach(async () => {
  for (const link of links.splice(0)) link.close();
  await head.remove();
});

async function begin(wall = Date.now()): Promise<LoopbackHead> {
  const begun = await LoopbackHead.start('Room 101', { wall: () => epochMillis(wall) });
  begun.router.route('/blob', (_incoming, response, peer) => void response.end(peer.kind));
  return begun;
}

/** What the PC's screen says: its name once it is in. */
async function enrol(card: string, identity = boot): Promise<MemberCredentials | string> {
  const answer = await enrolAt(head.address, { ...identity, name: card }, () => factsOf(card));
  if (answer.ok) return answer.value.credentials;
  return answer.error.why === 'refused' ? answer.error.refusal.sentence : answer.error.why;
}

async function member(card: string): Promise<MemberCredentials> {
  const credentials = await enrol(card);
  if (typeof credentials === 'string') throw new Error(credentials);
  return credentials;
}

async function renew(credentials: MemberCredentials): Promise<string> {
  const answer = await renewAt(head.address, boot, credentials);
  if (answer.ok) return 'renewed';
  return answer.error.why === 'refused' ? answer.error.refusal.code : answer.error.why;
}

function fetchBlob(credentials: MemberCredentials): Promise<string> {
  const agent = headAgent(head.identity.headKeySha256, () => credentials);
  return new Promise<string>((resolve, reject) => {
    request({ host: '127.0.0.1', port: head.port, path: '/blob', agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  }).finally(() => agent.destroy());
}

async function link(credentials: MemberCredentials): Promise<{ closing: LinkClosing | undefined }> {
  const end: { opened: boolean; closing: LinkClosing | undefined } = {
    opened: false,
    closing: undefined,
  };
  const dialled = dialHead(head.address, boot, credentials, {
    onOpen: () => (end.opened = true),
    onText: () => undefined,
    onClosed: (closing) => (end.closing = closing),
  });
  links.push(dialled);
  await vi.waitFor(() => expect(end.opened || end.closing !== undefined).toBe(true), 5000);
  if (end.opened) dialled.send(encodeToHead(hello(factsOf('m1'))));
  return end;
}

test('one stick that was copied lets in as many PCs as it may, and the next one is told so', async () => {
  const stick = head.enrolment.issueBootIdentity({
    ...{ validFor: hours(12), single: false, name: null, address: null, label: 'boot media' },
    mostPcs: 3,
  });
  for (const card of ['m1', 'm2', 'm3', 'm1', 'm3'])
    expect(await enrol(card, stick)).toBeTypeOf('object');
  const { id } = head.enrolment.tokens().at(-1) ?? { id: '' };
  expect(await enrol('m4', stick)).toBe(
    `This boot medium has let in 3 PCs, as many as it may; make another one, or raise it with: nightshift media limit ${id} N`,
  );
  expect(head.seen.at(-1)?.reason).toContain('has let in 3 PCs');
  expect(head.enrolment.tokens().at(-1)).toMatchObject({
    label: 'boot media',
    pcs: ['m1', 'm2', 'm3'],
  });
  expect(head.enrolment.limitToken(id, 4)).toBe(true);
  expect(await enrol('m4', stick)).toBeTypeOf('object');
  expect(await enrol('m5', stick)).toContain('has let in 4 PCs');
});

test('a token for one PC is not told to let in more than that one', () => {
  head.enrolment.issueBootIdentity({
    ...{ validFor: hours(12), single: true, name: 'pc-01', address: null, label: 'pc-01' },
  });
  const { id } = head.enrolment.tokens().at(-1) ?? { id: '' };
  const tokens = openTokens(head.enrolment, { enrolledBy: () => [] });
  const limited = tokens.limit(id, 5);
  expect(limited.ok ? '' : refusalWords(limited.error)).toContain('is bound to one PC');
  expect(tokens.limit(id, 1)).toMatchObject({ ok: true });
  expect(tokens.limit('no such', 5)).toMatchObject({ ok: false, error: { kind: 'not-found' } });
});

test('a token that was withdrawn lets nobody in, and whom it let in cannot renew', async () => {
  const credentials = await member('m1');
  expect(await renew(credentials)).toBe('renewed');
  expect(head.enrolment.revokeToken(boot.token?.id ?? '')).toBe(true);
  expect(await enrol('m2')).toBe("This boot medium's token was withdrawn; make a new boot medium.");
  expect(await renew(credentials)).toBe('expired-token');
  expect(head.enrolment.revokeToken('no such')).toBe(false);
});

test('a PC that is lost, given back or forgotten neither renews nor fetches; it may link, to be told what it is', async () => {
  const credentials = await member('m1');
  expect([await renew(credentials), await fetchBlob(credentials)]).toEqual(['renewed', 'member']);
  head.standings.set(credentials.member, 'away');
  expect(await renew(credentials)).not.toBe('renewed');
  expect(await fetchBlob(credentials)).toBe('away');
  expect((await link(credentials)).closing).toBeUndefined();
  await vi.waitFor(() => expect(head.heard.map(([who]) => who)).toEqual([credentials.member]));
});

test('a PC that is banned may do nothing from that moment on, and its open link ends', async () => {
  const credentials = await member('m1');
  const open = await link(credentials);
  await vi.waitFor(() => expect(head.heard).toHaveLength(1));
  head.standings.set(credentials.member, 'banned');
  head.hangUp(credentials.member);
  await vi.waitFor(() => expect(open.closing).toBeDefined());
  expect(await fetchBlob(credentials)).toBe('nobody');
  expect(await renew(credentials)).not.toBe('renewed');
  expect((await link(credentials)).closing).toBeDefined();
  expect(await enrol('m1')).toBe('m1 is banned.');
  expect(head.heard).toHaveLength(1);
  // Others notice nothing.
  expect(await fetchBlob(await member('m2'))).toBe('member');
});

test.each([30, -30])(
  'when the clock of the head jumps by %i hours, a member whose link is open saves and renews as before, and nobody else does',
  async (jump) => {
    await head.remove();
    head = await begin(Date.now() - hours(jump));
    boot = head.bootIdentity();
    const credentials = await member('m1');
    expect(await fetchBlob(credentials)).toBe('nobody');
    expect(await renew(credentials)).not.toBe('renewed');
    const made = Date.parse(new X509Certificate(credentials.certificate).validFrom);
    // A copy from an earlier night than the link's own stays what it is: over.
    head.linked.set(credentials.member, made + hours(1));
    expect(await fetchBlob(credentials)).toBe('nobody');
    head.linked.set(credentials.member, made);
    expect(await fetchBlob(credentials)).toBe('member');
    expect(await renew(credentials)).toBe('renewed');
    // A certificate of another lab with the same name in it does not profit from it.
    const other = await LoopbackHead.start('Room 202');
    try {
      const strange = await enrolAt(other.address, other.bootIdentity({ name: 'm1' }), () =>
        factsOf('m1'),
      );
      if (!strange.ok) throw new Error(strange.error.why);
      expect(await fetchBlob(strange.value.credentials)).toBe('nobody');
    } finally {
      await other.remove();
    }
  },
);
