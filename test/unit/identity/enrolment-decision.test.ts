import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  epochMillis,
  hours,
  millis,
  minutes,
  monotonicMillis,
  seconds,
} from '../../../shared/base/units.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import { proofText, type EnrolRequest } from '../../../shared/wire/enrolment.ts';
import { decideEnrolment, type EnrolmentBooks } from '../../../src-main/core/identity/enrolment.ts';
import {
  emptyNonceBook,
  issueNonce,
  nonceLife,
  spendNonce,
} from '../../../src-main/core/identity/nonce-book.ts';
import { addToken, revokeToken, tokenBook } from '../../../src-main/core/identity/token-book.ts';
import { factsOf } from './member-facts.ts';

const lab = { id: 'lab-a', name: 'Room 101' };
const hmac = (key: string, text: string): string =>
  createHmac('sha256', key).update(text).digest('hex');
const evening = epochMillis(Date.UTC(2026, 10, 21, 18));
const secret = 's'.repeat(32);
const key = 'k'.repeat(64);

function books(change: { single?: boolean; validFor?: number } = {}): EnrolmentBooks {
  const wish = {
    id: 'tok',
    secret,
    single: change.single ?? false,
    validFor: millis(change.validFor ?? hours(12)),
  };
  return { tokens: addToken(tokenBook([]), wish, evening), nonces: emptyNonceBook };
}

/** A PC's whole visit: it gets a challenge and answers it. */
function visit(
  before: EnrolmentBooks,
  machineKey: string,
  change: Partial<EnrolRequest> & {
    nonce?: string;
    secret?: string;
    wall?: number;
    lateBy?: number;
    known?: boolean;
  } = {},
) {
  const nonce = change.nonce ?? `nonce-${machineKey}`;
  const now = monotonicMillis(1000);
  const request: EnrolRequest = {
    protocol: protocolVersion,
    labId: lab.id,
    tokenId: 'tok',
    nonce,
    proof: hmac(change.secret ?? secret, proofText(nonce, machineKey, key)),
    request: '-',
    wantedName: null,
    facts: { ...factsOf(machineKey), cpuFeatures: [], packs: [] },
    ...change,
  };
  const nonces = change.known === false ? before.nonces : issueNonce(before.nonces, nonce, now);
  return decideEnrolment(
    { ...before, nonces },
    {
      lab,
      request,
      publicKeySha256: key,
      now: monotonicMillis(now + (change.lateBy ?? 0)),
      wall: epochMillis(change.wall ?? evening),
      hmac,
    },
  );
}

const codeOf = (answer: ReturnType<typeof visit>): string =>
  answer[1].ok ? 'granted' : answer[1].error.code;

describe('a PC at the enrolment', () => {
  test('is let in when it proves a token of this lab', () => {
    expect(codeOf(visit(books(), 'pc-1'))).toBe('granted');
  });

  test.each([
    ['wrong-lab', { labId: 'lab-b' }],
    ['unknown-token', { tokenId: 'other' }],
    ['bad-proof', { secret: 'x'.repeat(32) }],
    ['bad-proof', { proof: '0'.repeat(64) }],
    ['expired-token', { wall: evening + hours(12) }],
    ['expired-token', { wall: evening - 3 * 24 * hours(1) }],
    ['protocol', { protocol: protocolVersion + 1 }],
    ['stale-challenge', { lateBy: nonceLife + 1 }],
    ['stale-challenge', { known: false }],
  ])('is refused as %s for %o', (code, change) => {
    const answer = visit(books(), 'pc-1', change);
    expect(codeOf(answer)).toBe(code);
    expect(answer[1].ok ? '' : answer[1].error.sentence).toMatch(/^[A-Z].*\.$/);
  });

  test('is told the date on which its token expired', () => {
    const [, answer] = visit(books(), 'pc-1', { wall: evening + 24 * hours(1) });
    expect(answer.ok ? '' : answer.error.sentence).toBe(
      "This boot medium's token expired on 2026-11-22 06:00 UTC; make a new boot medium.",
    );
  });

  test('uses its own single token at every boot, and another PC with the same stick is refused', () => {
    const [first] = visit(books({ single: true }), 'pc-1');
    const [again, answer] = visit(first, 'pc-1', { nonce: 'second-boot' });
    expect(answer.ok).toBe(true);
    expect(codeOf(visit(again, 'pc-2'))).toBe('replayed-token');
  });

  test('keeps its single token to itself, whatever card another PC claims to have', () => {
    const [own, other] = ['a'.repeat(64), 'b'.repeat(64)];
    const [first] = visit(books({ single: true }), 'pc-1', { hardware: own });
    expect(codeOf(visit(first, 'pc-1', { hardware: own, nonce: 'second-boot' }))).toBe('granted');
    expect(codeOf(visit(first, 'pc-1', { hardware: other }))).toBe('replayed-token');
    expect(codeOf(visit(first, 'pc-1'))).toBe('replayed-token'); // says nothing of its board
    expect(codeOf(visit(first, 'pc-2', { hardware: own }))).toBe('replayed-token');
    // Bound by an older image, which told no mark: the next visit that tells one binds it.
    const [old] = visit(books({ single: true }), 'pc-1');
    const [bound] = visit(old, 'pc-1', { hardware: own, nonce: 'second-boot' });
    expect(codeOf(visit(bound, 'pc-1', { hardware: other, nonce: 'third' }))).toBe(
      'replayed-token',
    );
  });

  test('binds nothing when it is refused', () => {
    const [after] = visit(books({ single: true }), 'pc-2', { proof: '0'.repeat(64) });
    expect(codeOf(visit(after, 'pc-1'))).toBe('granted');
  });

  test('shares a token for many with the whole row', () => {
    const [first] = visit(books(), 'pc-1');
    expect(codeOf(visit(first, 'pc-2'))).toBe('granted');
  });

  test('is refused with a withdrawn token', () => {
    const withdrawn = books();
    const after = { ...withdrawn, tokens: revokeToken(withdrawn.tokens, 'tok') };
    expect(codeOf(visit(after, 'pc-1'))).toBe('expired-token');
  });

  test('cannot repeat a proof, be it its own or one it overheard', () => {
    const [after] = visit(books(), 'pc-1', { nonce: 'n' });
    expect(codeOf(visit(after, 'pc-1', { nonce: 'n', known: false }))).toBe('replayed-token');
  });
});

test('no order of challenges and proofs makes a nonce good twice or late', () => {
  const step = fc.record({
    issue: fc.boolean(),
    nonce: fc.constantFrom('a', 'b', 'c'),
    wait: fc.nat(40_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let book = emptyNonceBook;
      let now = 0;
      const issuedAt = new Map<string, number>();
      const used = new Set<string>();
      for (const { issue, nonce, wait } of steps) {
        now += wait;
        // Nonces are random, so none is ever given out twice.
        const name = `${nonce}${issue ? issuedAt.size : Math.max(0, issuedAt.size - 1)}`;
        if (issue) {
          book = issueNonce(book, name, monotonicMillis(now));
          issuedAt.set(name, now);
        } else {
          const [next, verdict] = spendNonce(book, name, monotonicMillis(now));
          book = next;
          if (verdict === 'good') {
            expect(used.has(name)).toBe(false);
            expect(now - (issuedAt.get(name) ?? -Infinity)).toBeLessThanOrEqual(nonceLife);
            used.add(name);
          }
        }
      }
    }),
  );
});

test('asking for challenges without end costs the head no memory', () => {
  let book = emptyNonceBook;
  for (let index = 0; index < 5000; index += 1)
    book = issueNonce(book, `n${index}`, monotonicMillis(index / 1000));
  expect(book.open.size).toBe(4096);
  expect(issueNonce(book, 'late', monotonicMillis(minutes(2) + seconds(1))).open.size).toBe(1);
});
