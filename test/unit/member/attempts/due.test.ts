import { describe, expect, test } from 'vitest';
import { millis, monotonicMillis } from '../../../../shared/base/units.ts';
import { attemptsWakeAt, doWhatIsDue } from '../../../../src-member/core/attempts/due.ts';
import type { HeldAttempt } from '../../../../src-member/core/attempts/attempt.ts';
import type { Directive, Turn } from '../../../../src-member/core/attempts/turn.ts';
import { HeldMember, key } from '../held-member.ts';

const one = key(1, 1);

function told(wallTimeLeft: number | null = null) {
  const member = new HeldMember().joins().runs(one, {
    wallTimeLeft: wallTimeLeft === null ? null : millis(wallTimeLeft),
  });
  const [attempt] = [...member.state.attempts.values()];
  if (!attempt) throw new Error('nothing is held');
  return { member, attempt };
}
const dueAt = (member: HeldMember, now: number): string[] => {
  const directives: Directive[] = [];
  const turn: Turn = { state: member.state, now: monotonicMillis(now), directives };
  doWhatIsDue(turn);
  return directives.map(({ d }) => d);
};
const wake = (member: HeldMember) => attemptsWakeAt(member.state);
const collecting = (attempt: HeldAttempt, again: number | null, giveUp: number | null): void => {
  attempt.stage = { at: 'collecting', ending: { cause: 'exit', exitCode: 0 } };
  attempt.collectAgainAt = again === null ? null : monotonicMillis(again);
  attempt.giveUpAt = giveUp === null ? null : monotonicMillis(giveUp);
};

test('of nothing nothing is due', () => {
  const member = new HeldMember();
  expect([dueAt(member, 9e9), wake(member)]).toEqual([[], null]);
});

describe('a program with a wall time', () => {
  test('is ended when that is over, and killed three seconds later', () => {
    const { member } = told(5000);
    expect(wake(member)).toBe(6000);
    expect(dueAt(member, 5999)).toEqual([]);
    expect(dueAt(member, 6000)).toEqual(['terminate']);
    expect([wake(member), dueAt(member, 8999)]).toEqual([9000, []]);
    expect(dueAt(member, 9000)).toEqual(['kill']);
    expect([wake(member), dueAt(member, 9001)]).toEqual([null, []]);
  });

  test('is not ended while it is sent away, nor woken for while it lies frozen', () => {
    const { member, attempt } = told(5000);
    attempt.work = { kind: 'send', toEpoch: one.epoch, calledOff: null };
    expect(dueAt(member, 99_000)).toEqual([]);
    attempt.wall.runningSince = null;
    expect(wake(member)).toBeNull();
  });

  test('is not ended twice', () => {
    const { member, attempt } = told(5000);
    attempt.ending = { by: 'stop' };
    expect([dueAt(member, 99_000), wake(member)]).toEqual([[], null]);
  });
});

describe('results', () => {
  test('are tried again when it is time', () => {
    const { member, attempt } = told();
    collecting(attempt, 7000, null);
    expect([wake(member), dueAt(member, 6999)]).toEqual([7000, []]);
    expect(dueAt(member, 7000)).toEqual(['collect']);
    expect(wake(member)).toBeNull();
  });

  test('are given up when their time is over, and not tried once more', () => {
    const { member, attempt } = told();
    collecting(attempt, 7000, 6500);
    expect(wake(member)).toBe(6500);
    expect(dueAt(member, 7000)).toEqual(['clear']);
  });

  test('of a program that still runs are not due', () => {
    const { member, attempt } = told();
    attempt.collectAgainAt = monotonicMillis(1);
    expect([dueAt(member, 9000), wake(member)]).toEqual([[], null]);
  });
});
