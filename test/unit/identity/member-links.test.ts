import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { epochMillis, hours } from '../../../shared/base/units.ts';
import { memberId } from '../../../shared/domain/ids.ts';
import type {
  DialledLink,
  LinkClosing,
  MemberCredentials,
} from '../../../src-member/ports/head-client.ts';
import { decodeToMember, encodeToHead } from '../../../shared/wire/codec.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { linkClosings } from '../../../shared/wire/link-closings.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { enrolAt } from '../../../src-member/platform/head/enrol.ts';
import { dialHead } from '../../../src-member/platform/head/head-link.ts';
import { hello, LoopbackHead } from './loopback-head.ts';
import { factsOf } from './member-facts.ts';

class Dialled {
  opened = false;
  closing: LinkClosing | undefined;
  readonly heard: ToMember[] = [];
  readonly link: DialledLink;

  constructor(address: string, identity: BootIdentity, credentials: MemberCredentials) {
    this.link = dialHead(address, identity, credentials, {
      onOpen: () => (this.opened = true),
      onText: (text) => {
        const message = decodeToMember(text);
        if (message.ok) this.heard.push(message.value);
      },
      onClosed: (closing) => (this.closing = closing),
    });
  }
}

let head: LoopbackHead;
const open: Dialled[] = [];
beforeEach(async () => {
  head = await LoopbackHead.start('Room 101');
});
afterEach(async () => {
  for (const { link } of open.splice(0)) link.close();
  await head.remove();
});

async function enrolled(boot: BootIdentity, at = head): Promise<MemberCredentials> {
  const answer = await enrolAt(at.address, boot, () => factsOf('m1'));
  if (!answer.ok) throw new Error(answer.error.why);
  return answer.value.credentials;
}

async function dial(boot: BootIdentity, credentials: MemberCredentials): Promise<Dialled> {
  const dialled = new Dialled(head.address, boot, credentials);
  open.push(dialled);
  await vi.waitFor(() => expect(dialled.opened || dialled.closing !== undefined).toBe(true), 5000);
  return dialled;
}

const greeting = encodeToHead(hello({ ...factsOf('m1'), cpuFeatures: [], packs: [] }));

test('a member says hello, is welcomed and has its lease answered', async () => {
  const boot = head.bootIdentity({ name: 'pc-1' });
  const link = await dial(boot, await enrolled(boot));
  link.link.send(greeting);
  link.link.send(encodeToHead({ t: 'beat', n: 1, load: 0.5, memoryFree: 1000 }));
  await vi.waitFor(() => expect(link.heard.map(({ t }) => t)).toEqual(['welcome', 'lease']));
  expect(head.heard.map(([member]) => member)).toEqual(['pc-1', 'pc-1']);
});

describe('a member system of a later version', () => {
  const beat = encodeToHead({ t: 'beat', n: 1, load: 0.5, memoryFree: 1000 });
  const passedOver = (): readonly string[] =>
    head.logged.filter((line) => line.includes('passed over'));

  test('says words that this head does not know: they are passed over, and each is noted once', async () => {
    const boot = head.bootIdentity({ name: 'pc-1' });
    const link = await dial(boot, await enrolled(boot));
    link.link.send(greeting);
    for (let at = 0; at < 50; at += 1) link.link.send(`{"t":"tomorrow","at":${at}}`);
    for (let at = 0; at < 50; at += 1) link.link.send(`{"t":"tomorrow-${at}"}`);
    link.link.send(beat);
    await vi.waitFor(() => expect(link.heard.map(({ t }) => t)).toEqual(['welcome', 'lease']));
    expect(link.closing).toBeUndefined();
    expect(head.heard.map(([, { t }]) => t)).toEqual(['hello', 'beat']);
    expect(passedOver()[0]).toBe('pc-1: "tomorrow" is passed over, this head does not know it');
    expect(passedOver()).toHaveLength(8);
  });

  test('says one that is essential: the link is ended with what to do', async () => {
    const boot = head.bootIdentity({ name: 'pc-1' });
    const link = await dial(boot, await enrolled(boot));
    link.link.send(greeting);
    link.link.send('{"t":"tomorrow","essential":true}');
    await vi.waitFor(() => expect(link.closing).toMatchObject({ why: 'closed', code: 4003 }));
    expect(head.logged.at(-1)).toBe(
      'pc-1: link closed, it says "tomorrow", which this head does not know and must: update the head',
    );
  });

  test('says a known word in a way that is not understood: the link is ended, as ever', async () => {
    const boot = head.bootIdentity({ name: 'pc-1' });
    const link = await dial(boot, await enrolled(boot));
    link.link.send(greeting);
    link.link.send('{"t":"started"}');
    await vi.waitFor(() => expect(link.closing).toMatchObject({ why: 'closed', code: 4003 }));
  });
});

test('a member that cannot follow says so before it hangs up, and the head hears it', async () => {
  const boot = head.bootIdentity({ name: 'pc-1' });
  const link = await dial(boot, await enrolled(boot));
  link.link.send(greeting);
  await vi.waitFor(() => expect(link.heard).toHaveLength(1));
  link.link.send(encodeToHead({ t: 'cannot-follow', kind: 'tomorrow' }));
  link.link.close(linkClosings.notUnderstood);
  await vi.waitFor(() => expect(head.closed).toEqual(['pc-1']));
  expect(head.heard.at(-1)).toEqual(['pc-1', { t: 'cannot-follow', kind: 'tomorrow' }]);
});

test('a newer link of the same member takes the place of the older and nobody is told that it closed', async () => {
  const boot = head.bootIdentity({ name: 'pc-1' });
  const credentials = await enrolled(boot);
  const older = await dial(boot, credentials);
  older.link.send(greeting);
  await vi.waitFor(() => expect(older.heard).toHaveLength(1));
  const newer = await dial(boot, credentials);
  newer.link.send(greeting);
  await vi.waitFor(() => expect(newer.heard).toHaveLength(1));
  await vi.waitFor(() => expect(older.closing).toMatchObject({ why: 'closed', code: 4001 }));
  expect(head.closed).toEqual([]);
  newer.link.close();
  await vi.waitFor(() => expect(head.closed).toEqual(['pc-1']));
  expect(head.links.send(memberId('pc-1'), { t: 'go' })).toBe(false);
});

/** Whoever kept a certificate of a PC's name may knock with it; its siblings are the blobs, renewing (withdrawing.test.ts) and the connections of the PC. */
describe('who has an old certificate for the name of a PC that is here', () => {
  test.each([
    ['says nothing', []],
    ['says it is another boot', ['{hello}']],
    ['says no hello first', ['{"t":"leaving"}']],
    ['is of another version', ['{"t":"hello","protocol":2}']],
    ['talks nonsense', ['{']],
  ])('%s: the open link of the PC goes on, and nothing else is heard', async (_what, says) => {
    const boot = head.bootIdentity({ name: 'pc-1' });
    const good = await dial(boot, await enrolled(boot));
    good.link.send(greeting);
    await vi.waitFor(() => expect(good.heard).toHaveLength(1));
    head.otherBoots.add('a boot of earlier');
    const other = encodeToHead(
      hello({ ...factsOf('m1'), cpuFeatures: [], packs: [], boot: 'a boot of earlier' }),
    );
    const thief = await dial(boot, await enrolled(boot));
    for (const text of says) thief.link.send(text === '{hello}' ? other : text);
    if (says.length > 0) await vi.waitFor(() => expect(thief.closing).toBeDefined());
    good.link.send(encodeToHead({ t: 'beat', n: 1, load: 0.5, memoryFree: 1000 }));
    await vi.waitFor(() => expect(good.heard.map(({ t }) => t)).toEqual(['welcome', 'lease']));
    expect(good.closing).toBeUndefined();
    expect(thief.heard.some(({ t }) => t === 'welcome' || t === 'lease')).toBe(false);
    expect(head.heard.map(([, { t }]) => t)).toEqual(['hello', 'beat']);
    expect(head.closed).toEqual([]);
  });

  test('opens as many connections as it likes: those of the PC itself are counted at its own address', async () => {
    const boot = head.bootIdentity({ name: 'pc-1' });
    const credentials = await enrolled(boot);
    const hold = (from: string): TLSSocket =>
      tlsConnect({
        ...{ port: head.port, host: '127.0.0.1', localAddress: from, rejectUnauthorized: false },
        ...{ key: credentials.key, cert: credentials.certificate },
      });
    const held = Array.from({ length: 70 }, () => hold('127.0.0.2'));
    for (const socket of held) socket.on('error', () => undefined);
    await vi.waitFor(() => expect(held.filter(({ destroyed }) => destroyed)).not.toEqual([]));
    const own = await dial(boot, credentials);
    own.link.send(greeting);
    await vi.waitFor(() => expect(own.heard).toHaveLength(1));
    for (const socket of held) socket.destroy();
  });
});

test('who has no certificate of this lab gets no link', async () => {
  const other = await LoopbackHead.start('Room 202');
  try {
    const foreign = await enrolled(other.bootIdentity({ name: 'pc-1' }), other);
    const link = await dial(head.bootIdentity(), foreign);
    expect(link.closing).toEqual({ why: 'certificate-refused', reason: 'it answered 401' });
  } finally {
    await other.remove();
  }
});

test('a certificate that has ended opens no link, and enrolling anew does', async () => {
  const yesterday = await LoopbackHead.start('ignored', {
    folder: head.folder,
    wall: () => epochMillis(Date.now() - hours(25)),
  });
  const boot = yesterday.bootIdentity({ validFor: hours(48) });
  const old = await enrolled(boot, yesterday);
  await yesterday.stop();
  await head.stop();
  head = await LoopbackHead.start('ignored', { folder: head.folder });
  expect((await dial(boot, old)).closing).toMatchObject({ why: 'certificate-refused' });
  expect((await dial(boot, await enrolled(boot))).opened).toBe(true);
});

test('a member of another version is told what to do', async () => {
  const boot = head.bootIdentity({ name: 'pc-1' });
  const link = await dial(boot, await enrolled(boot));
  link.link.send('{"t":"hello","protocol":2,"novelty":true}');
  await vi.waitFor(() => expect(link.closing).toMatchObject({ code: 4002 }));
  expect(link.heard[0]).toMatchObject({
    t: 'refused',
    reason: expect.stringContaining('make a new boot medium') as string,
  });
});

/** One link must not end the head: what is said first is looked at before any decoder has seen it. */
test.each([
  '{"t":"hello","protocol":{"toString":null,"valueOf":null}}',
  '{"t":"hello","protocol":{"toString":1}}',
  '{"t":"hello","protocol":[[[{"toString":null}]]]}',
  '{"t":"hello","protocol":1e400}',
  '{"t":"hello","protocol":null,"__proto__":{"protocol":1}}',
  '{"t":{"toString":null}}',
  `${'['.repeat(300_000)}${']'.repeat(300_000)}`,
  'null',
  '"hello"',
  '',
])(
  'a first message that nobody understands is refused, and the head goes on: %.60s',
  async (text) => {
    const boot = head.bootIdentity({ name: 'pc-1' });
    const credentials = await enrolled(boot);
    const odd = await dial(boot, credentials);
    odd.link.send(text);
    await vi.waitFor(() => expect(odd.closing).toMatchObject({ code: 4002 }));
    const good = await dial(boot, credentials);
    good.link.send(greeting);
    await vi.waitFor(() => expect(good.heard).toHaveLength(1));
  },
);

test.each(['{', '{"t":"started"}', '[1,2,3,"x"'])(
  'nonsense after the hello closes the link with a reason: %s',
  async (nonsense) => {
    const boot = head.bootIdentity({ name: 'pc-1' });
    const link = await dial(boot, await enrolled(boot));
    link.link.send(greeting);
    link.link.send(nonsense);
    await vi.waitFor(() => expect(link.closing).toMatchObject({ code: 4003 }));
    await vi.waitFor(() => expect(head.closed).toEqual(['pc-1']));
  },
);
