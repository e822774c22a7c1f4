import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HeadClient } from '../../../src-member/ports/head-client.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { enroller } from '../../../src-member/platform/head/ask-to-enrol.ts';
import { LoopbackHead } from './loopback-head.ts';
import { factsOf } from './member-facts.ts';

let head: LoopbackHead;
let identity: BootIdentity;
beforeEach(async () => {
  head = await LoopbackHead.start('Room 101');
  identity = head.enrolment.openBootIdentity(head.address);
});
afterEach(() => head.remove());

const hardware = (of: string) => (): string => of.repeat(64);
const boot = (board = 'a'): HeadClient['enrol'] => enroller(hardware(board));
const pc = (key: string) => () => factsOf(key);

/** `in` with its name, the code it shows, or why not. */
async function ask(enrol: HeadClient['enrol'], key = 'm1'): Promise<string> {
  const answer = await enrol(head.address, identity, pc(key));
  if (answer.ok) return `in as ${answer.value.credentials.member}`;
  const { error } = answer;
  if (error.why === 'waiting') return error.code;
  return error.why === 'refused' ? error.refusal.code : error.why;
}

test('a PC that booted from the network shows a code that the head does not tell, and comes in by it', async () => {
  expect(identity.token).toBeNull();
  const enrol = boot();
  const code = await ask(enrol);
  expect(head.enrolment.waiting().map((waiting) => waiting.code)).toEqual([code]);
  expect(head.seen.at(-1)).toMatchObject({ machineKey: 'm1', waits: true });
  expect(JSON.stringify(head.seen)).not.toContain(code);
  expect(await ask(enrol)).toBe(code);
  expect(head.enrolment.decide(code, 'approved').ok).toBe(true);
  expect(await ask(enrol)).toBe('in as m1');
  expect(head.enrolment.waiting()).toEqual([]);
});

test('what was decided outlives the head', async () => {
  const code = await ask(boot());
  head.enrolment.decide(code, 'approved');
  await head.stop();
  head = await LoopbackHead.start('Room 101', { folder: head.folder });
  identity = head.enrolment.openBootIdentity(head.address);
  expect(await ask(boot())).toBe('in as m1');
  expect(head.enrolment.forget('m1')).toBe(true);
  expect(head.enrolment.forget('m1')).toBe(false);
  expect(await ask(boot())).toMatch(/-/);
});

test('a PC that waits shows another code when its head was started again', async () => {
  const enrol = boot();
  const before = await ask(enrol);
  await head.stop();
  head = await LoopbackHead.start('Room 101', { folder: head.folder });
  identity = head.enrolment.openBootIdentity(head.address);
  expect(await ask(enrol)).toBe('stale-challenge');
  const after = await ask(enrol);
  expect(after).toMatch(/-/);
  expect(after).not.toBe(before);
});

test('a refused PC is told so', async () => {
  const enrol = boot();
  head.enrolment.decide(await ask(enrol), 'refused');
  expect(await ask(enrol)).toBe('kept-out');
});
