import { describe, expect, test } from 'vitest';
import { linkClosings } from '../../../../shared/wire/link-closings.ts';
import { waitAfter } from '../../../../src-member/core/enrolment/backoff.ts';

type Cause = Parameters<typeof waitAfter>[0];
const unreachable: Cause = { why: 'unreachable', reason: '' };
const waiting: Cause = { why: 'waiting', code: 'ABC' };
const refused = (code: string): Cause => ({
  why: 'refused',
  refusal: { code, sentence: '' } as never,
});
const closed = (code: number): Cause => ({ why: 'closed', code, reason: '' });

describe('after a failure the head is left alone', () => {
  test.each<[string, Cause, number, number, number]>([
    // cause, failures, from, below: milliseconds
    ['that does not answer', unreachable, 1, 100, 200],
    ['that does not answer, twice', unreachable, 2, 200, 400],
    ['that does not answer, for long', unreachable, 99, 1500, 3000],
    ['that does not answer, for ever', unreachable, 1e9, 1500, 3000],
    ['that wants another challenge', refused('stale-challenge'), 1, 100, 200],
    ['that wants nobody just now', refused('not-now'), 1, 100, 200],
    ['that refuses', refused('unknown-token'), 1, 5000, 10_000],
    ['that refuses again and again', refused('unknown-token'), 50, 30_000, 60_000],
    ['whose person has yet to decide', waiting, 60, 1000, 2000],
    ['whose person does not come', waiting, 61, 5000, 10_000],
    ['that is not ours', { why: 'wrong-key', lab: null, labId: null }, 1, 2500, 5000],
    ['that hung up', closed(1006), 1, 100, 200],
    ['that refused the link', closed(linkClosings.refused), 1, 5000, 10_000],
    ['that has another link of ours', closed(linkClosings.replaced), 1, 5000, 10_000],
    ['that does not take the certificate', { why: 'certificate-refused', reason: '' }, 1, 100, 200],
  ])('%s', (_what, cause, failures, from, below) => {
    expect(waitAfter(cause, failures, 0)).toBeCloseTo(from, 6);
    expect(waitAfter(cause, failures, 1)).toBeCloseTo(below, 6);
  });

  test('without a token for a minute, whatever chance says', () => {
    expect([0, 1].map((chance) => waitAfter({ why: 'no-token' }, 7, chance))).toEqual([
      60_000, 60_000,
    ]);
  });
});
