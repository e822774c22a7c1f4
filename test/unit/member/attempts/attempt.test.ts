import { describe, expect, test } from 'vitest';
import { monotonicMillis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import {
  newAttempt,
  reportOf,
  wallTimeLeft,
  type AfterClearing,
  type HeldAttempt,
  type Stage,
} from '../../../../src-member/core/attempts/attempt.ts';
import { key, specOf } from '../held-member.ts';

const one = key(1, 1);
const order = { t: 'start', ...one, spec: specOf(one), checkpoint: null } as const;
const report = { t: 'abandoned', ...one } as const;
const at = (stage: Stage, more: Partial<HeldAttempt> = {}): HeldAttempt => ({
  ...newAttempt(one, specOf(one), stage),
  ...more,
});
const clearing = (then: AfterClearing): Stage => ({ at: 'clearing', then });

describe('what a hello says of an attempt', () => {
  test.each<[string, HeldAttempt, string]>([
    ['waits', at({ at: 'waiting', order }), 'starting'],
    ['starts', at({ at: 'starting', order }), 'starting'],
    ['is expected', at({ at: 'expected', ticket: 't', from: memberId('b') }), 'arriving'],
    ['is received', at({ at: 'receiving' }), 'arriving'],
    ['is restored', at({ at: 'restoring' }), 'arriving'],
    ['is cleared away to start again', at(clearing({ is: 'wait', order })), 'starting'],
    [
      'is cleared away after its move failed',
      at(clearing({ is: 'abandon', reason: 'x' })),
      'arriving',
    ],
    ['is cleared away for good', at(clearing({ is: 'discarded' })), 'ended'],
    ['is cleared away to be reported', at(clearing({ is: 'report', report })), 'ended'],
    ['runs', at({ at: 'live' }), 'running'],
    ['runs no more without a lease', at({ at: 'live' }, { frozen: new Set(['lease']) }), 'frozen'],
    [
      'is being saved',
      at(
        { at: 'live' },
        { work: { kind: 'save', then: 'continue', next: null }, frozen: new Set(['work']) },
      ),
      'running',
    ],
    [
      'is sent away',
      at({ at: 'live' }, { work: { kind: 'send', toEpoch: one.epoch, calledOff: null } }),
      'leaving',
    ],
    [
      'is sent away without a lease',
      at(
        { at: 'live' },
        { work: { kind: 'send', toEpoch: one.epoch, calledOff: null }, frozen: new Set(['lease']) },
      ),
      'leaving',
    ],
    [
      'was sent, and nobody knows',
      at({ at: 'live' }, { work: { kind: 'doubt', toEpoch: one.epoch } }),
      'uncertain',
    ],
    ['has ended', at({ at: 'collecting', ending: { cause: 'stopped' } }), 'ended'],
    ['is over', at({ at: 'over', report }), 'ended'],
  ])('that %s is "%3$s"', (_what, attempt, state) => {
    expect(reportOf(attempt, true)).toEqual({ ...one, state });
  });
});

test.each([
  ['no limit', null, 5, null],
  ['while it does not run', 1000, null, 1000],
  ['while it runs', 1000, 5, 900],
  ['when it is over', 50, 5, -50],
])('wall time that is left: %s', (_what, left, since, expected) => {
  const runningSince = since === null ? null : monotonicMillis(since);
  expect(wallTimeLeft({ left, runningSince }, monotonicMillis(105))).toBe(expected);
});

test('a new attempt has the wall time of its task, and nothing is shared with another', () => {
  const [a, b] = [
    at({ at: 'receiving' }),
    newAttempt(one, specOf(one, { wallTimeLeft: 9 as never }), { at: 'live' }),
  ];
  a.frozen.add('work');
  expect([b.frozen.size, b.wall]).toEqual([0, { left: 9, runningSince: null }]);
});
