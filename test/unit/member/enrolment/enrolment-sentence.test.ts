import { describe, expect, test } from 'vitest';
import { monotonicMillis } from '../../../../shared/base/units.ts';
import type { NicSight } from '../../../../src-member/ports/head-client.ts';
import {
  enrolmentSentence,
  patience,
  otherHeadSentence,
} from '../../../../src-member/core/enrolment/enrolment-sentence.ts';
import {
  beginEnrolment,
  type EnrolmentState,
  type OtherHead,
} from '../../../../src-member/core/enrolment/enrolment-state.ts';
import { identity } from './boot-identity.ts';

const nic = (wish: Partial<NicSight> = {}): NicSight => ({
  name: 'eth0',
  link: true,
  address: '10.0.0.7',
  ...wish,
});
const head = (impostor: boolean): OtherHead => ({
  ...{ lab: 'Room 2', impostor, seenAt: monotonicMillis(0), toldAt: null },
});
const address = '10.0.0.1:7411';
const screen = (more: Partial<EnrolmentState>, now = 0): string =>
  enrolmentSentence(
    { ...beginEnrolment(identity, monotonicMillis(0)), nics: [nic()], ...more },
    monotonicMillis(now),
  );
const trouble = (cause: unknown) => ({ trouble: { address, cause } as never });

describe('the screen of a PC says', () => {
  test.each<[string, Partial<EnrolmentState>, number, RegExp]>([
    ['that it looks for its head', {}, 0, /^Looking for the head of lab "Room 1"/],
    ['that it has no card', { nics: [] }, 0, /^No network card/],
    [
      'that no cable is plugged in',
      { nics: [nic({ link: false }), nic({ name: 'eth1', link: false })] },
      0,
      /^No link: .*\(eth0, eth1\)/,
    ],
    [
      'nothing of a missing address at first',
      { nics: [nic({ address: null })] },
      patience - 1,
      /^Looking/,
    ],
    [
      'that no address comes, on which card',
      { nics: [nic({ address: null }), nic({ name: 'eth1', link: false, address: null })] },
      patience,
      /^No address: .* on eth0;/,
    ],
    ['nothing of a missing head at first', {}, patience - 1, /^Looking/],
    ['that nobody answers', {}, patience, /^Nobody answers by multicast as head of lab "Room 1"/],
    [
      'who it is that answers',
      { otherHeads: new Map([[address, head(false)]]) },
      patience,
      /^Found the head of lab "Room 2" at 10\.0\.0\.1/,
    ],
    [
      'that somebody pretends',
      { otherHeads: new Map([[address, head(true)]]) },
      patience,
      /its key is another one/,
    ],
    [
      'that it enrols',
      { phase: { at: 'enrolling', address } },
      0,
      /^Enrolling at the head .*10\.0\.0\.1/,
    ],
    ['that it connects', { phase: { at: 'linking', address } }, 0, /^Connecting to the head/],
    [
      'that it is a part of the lab, whatever was before',
      { phase: { at: 'linked', address }, nics: [], ...trouble({ why: 'no-token' }) },
      0,
      /^Part of lab "Room 1"/,
    ],
    [
      'why it is refused',
      trouble({ why: 'refused', refusal: { code: 'x', sentence: 'Too late.' } }),
      0,
      /refuses this PC\. Too late\./,
    ],
    [
      'with which code it waits',
      trouble({ why: 'waiting', code: 'K7-RT' }),
      0,
      /code is K7-RT: .*nightshift approve K7-RT/,
    ],
    ['that it has no token', trouble({ why: 'no-token' }), 0, /carries no token/],
    [
      'whose head that is',
      trouble({ why: 'wrong-key', lab: 'Room 2', labId: 'b' }),
      0,
      /^Found the head of lab "Room 2"/,
    ],
    [
      'that the head has another key',
      trouble({ why: 'wrong-key', lab: 'Room 1', labId: 'lab-a' }),
      0,
      /does not have the key/,
    ],
    [
      'that the head is not there, and what it tried',
      trouble({ why: 'unreachable', reason: 'no route' }),
      patience,
      /neither by multicast nor at 10\.0\.0\.1/,
    ],
    [
      'that a known head is not there',
      { addresses: [address], ...trouble({ why: 'unreachable', reason: 'no route' }) },
      patience,
      /does not answer at 10\.0\.0\.1:7411 \(no route\)/,
    ],
    [
      'that it enrols anew',
      { addresses: [address], ...trouble({ why: 'certificate-refused', reason: '' }) },
      0,
      /enrolling anew/,
    ],
    [
      'that the link is down',
      { addresses: [address], ...trouble({ why: 'closed', code: 1, reason: 'gone' }) },
      0,
      /is down \(gone\); connecting again/,
    ],
  ])('%s', (_what, state, now, words) => {
    expect(screen(state, now)).toMatch(words);
  });

  test('what a head said itself before anything that is seen from outside', () => {
    const otherHeads = new Map([[address, head(false)]]);
    expect(screen({ otherHeads, ...trouble({ why: 'no-token' }) }, patience)).toMatch(
      /carries no token/,
    );
    expect(
      screen({ otherHeads, ...trouble({ why: 'unreachable', reason: '' }) }, patience),
    ).toMatch(/^Found/);
  });
});

test('a head is told whose PC this is', () => {
  expect(otherHeadSentence(address, head(false), 'Room 1')).toContain('belongs to lab "Room 1"');
});
