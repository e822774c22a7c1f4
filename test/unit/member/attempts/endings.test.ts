import { describe, expect, test } from 'vitest';
import { monotonicMillis } from '../../../../shared/base/units.ts';
import { collectWithin, practiceTimings } from '../../../../shared/domain/timings.ts';
import type { Ending } from '../../../../shared/wire/to-head.ts';
import { newAttempt, type HeldAttempt } from '../../../../src-member/core/attempts/attempt.ts';
import {
  collect,
  collectAgain,
  collectRetry,
  endingOf,
  giveUpResults,
  hurry,
  overReport,
} from '../../../../src-member/core/attempts/endings.ts';
import type { Directive, Turn } from '../../../../src-member/core/attempts/turn.ts';
import { HeldMember, key, specOf } from '../held-member.ts';

const one = key(1, 1);
const exit: Ending = { cause: 'exit', exitCode: 0 };
const held = (more: Partial<HeldAttempt> = {}): HeldAttempt => ({
  ...newAttempt(one, specOf(one, { outputs: ['out'] }), { at: 'live' }),
  ...more,
});
const does = (decider: (turn: Turn) => void, now = 0): Directive[] => {
  const directives: Directive[] = [];
  decider({ state: new HeldMember().state, now: monotonicMillis(now), directives });
  return directives;
};
const unstartable = { cause: 'unstartable', reason: 'no such command' } as const;

test.each<[string, HeldAttempt['ending'], Parameters<typeof endingOf>[1], Ending]>([
  ['by itself', null, { exitCode: 3, because: null }, { cause: 'exit', exitCode: 3 }],
  ['because there was no such command', null, { exitCode: 127, because: unstartable }, unstartable],
  [
    'because we stopped it, whatever it says',
    { by: 'stop' },
    { exitCode: 0, because: unstartable },
    { cause: 'stopped' },
  ],
  [
    'over its limit',
    { by: 'limit', reason: 'too long' },
    { exitCode: 143, because: null },
    { cause: 'limit', reason: 'too long' },
  ],
])('a program that ended %s', (_what, ending, end, expected) => {
  expect(endingOf(held({ ending }), end)).toEqual(expected);
});

test('results are tried again ever later, but never later than after two minutes', () => {
  expect([1, 2, 3, 6, 7, 8, 1000].map(collectRetry)).toEqual([
    ...[3000, 6000, 12_000, 96_000, 120_000, 120_000, 120_000],
  ]);
});

describe('results are collected', () => {
  test.each<[Ending, readonly string[]]>([
    [exit, ['out']],
    [{ cause: 'exit', exitCode: 1 }, ['out']],
    [{ cause: 'limit', reason: 'x' }, ['out']],
    [{ cause: 'no-output', exitCode: 0, reason: 'x' }, ['out']],
    [{ cause: 'stopped' }, []],
    [unstartable, []],
    [{ cause: 'machine', reason: 'x' }, []],
  ])('after %j: %j', (ending, patterns) => {
    const attempt = held({ collectAgainAt: monotonicMillis(5) });
    expect(does((turn) => collect(turn, attempt, ending))).toEqual([
      { d: 'collect', of: one, ending, patterns },
    ]);
    expect(attempt.collectAgainAt).toBeNull();
  });

  test('again when the head has not got them, and only of what is over by its own end', () => {
    const report = overReport(one, exit);
    const attempt = held({ stage: { at: 'over', report }, collectFailures: 4 });
    expect(does((turn) => collectAgain(turn, attempt))).toMatchObject([
      { d: 'collect', ending: exit },
    ]);
    expect([attempt.stage.at, attempt.collectFailures]).toEqual(['collecting', 0]);
    expect(does((turn) => collectAgain(turn, attempt))).toEqual([]);
    const saved = held({ stage: { at: 'over', report: { t: 'abandoned', ...one } } });
    expect(does((turn) => collectAgain(turn, saved))).toEqual([]);
  });
});

test('a PC that is wanted gives results so much time, and no more when it is wanted twice', () => {
  const attempt = held();
  const within = collectWithin(practiceTimings);
  expect(does((turn) => hurry(turn, attempt), 100)).toMatchObject([
    { message: { t: 'results-wait', ...one } },
  ]);
  expect(attempt.giveUpAt).toBe(100 + within);
  does((turn) => hurry(turn, attempt), 5000);
  expect(attempt.giveUpAt).toBe(100 + within);
  const directives = does((turn) => giveUpResults(turn, attempt));
  expect(directives.map(({ d }) => d)).toEqual(['clear']);
  expect(attempt.stage).toMatchObject({
    then: { is: 'report', report: { t: 'ended', ending: { cause: 'machine' }, outputs: [] } },
  });
});

test('what ended before it ran left nothing', () => {
  expect(overReport(one, exit)).toEqual({
    ...{ t: 'ended', ...one, ending: exit, outputs: [], log: null, cpuSeconds: 0 },
  });
});
