import { describe, expect, test } from 'vitest';
import { millis, monotonicMillis } from '../../../../shared/base/units.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import type { HeldAttempt, Stage } from '../../../../src-member/core/attempts/attempt.ts';
import {
  begin,
  clear,
  freeze,
  freezeAll,
  goLive,
  thaw,
  thawAll,
} from '../../../../src-member/core/attempts/freezing.ts';
import type { Directive, Turn } from '../../../../src-member/core/attempts/turn.ts';
import { HeldMember, key, specOf } from '../held-member.ts';

const one = key(1, 1);
const order = { t: 'start', ...one, spec: specOf(one), checkpoint: null } as const;
/** The lease of a member that joined at 1000 holds before this. */
const leaseEnds = 1000 + practiceTimings.freezeAfter;

function told(stage: Stage = { at: 'live' }) {
  const member = new HeldMember().joins().runs(one, { wallTimeLeft: millis(60_000) });
  const [attempt] = [...member.state.attempts.values()];
  if (!attempt) throw new Error('nothing is held');
  attempt.stage = stage;
  const does = (decider: (turn: Turn, attempt: HeldAttempt) => void, now = 2000): string[] => {
    const directives: Directive[] = [];
    decider({ state: member.state, now: monotonicMillis(now), directives }, attempt);
    return directives.map(({ d }) => d);
  };
  return { attempt, does };
}

describe('a program that is frozen', () => {
  test('for two reasons stops once, and goes on when both are gone', () => {
    const { does } = told();
    expect(does((turn, attempt) => freeze(turn, attempt, 'work'))).toEqual(['freeze']);
    expect(does((turn, attempt) => freeze(turn, attempt, 'doubt'))).toEqual([]);
    expect(does((turn, attempt) => freeze(turn, attempt, 'work'))).toEqual([]);
    expect(does((turn, attempt) => thaw(turn, attempt, 'work'))).toEqual([]);
    expect(does((turn, attempt) => thaw(turn, attempt, 'work'))).toEqual([]);
    expect(does((turn, attempt) => thaw(turn, attempt, 'doubt'))).toEqual(['thaw']);
  });

  test('uses no wall time', () => {
    const { attempt, does } = told();
    does((turn, attempt) => freeze(turn, attempt, 'work'), 3000);
    expect(attempt.wall).toEqual({ left: 58_000, runningSince: null });
    does((turn, attempt) => thaw(turn, attempt, 'work'), 5000);
    expect(attempt.wall).toEqual({ left: 58_000, runningSince: 5000 });
  });

  test('stays so without a lease, to the millisecond', () => {
    const { attempt, does } = told();
    does((turn, attempt) => freeze(turn, attempt, 'work'));
    expect(does((turn, attempt) => thaw(turn, attempt, 'work'), leaseEnds)).toEqual([]);
    expect([...attempt.frozen]).toEqual(['lease']);
    expect(does((turn, attempt) => thaw(turn, attempt, 'lease'), leaseEnds - 1)).toEqual(['thaw']);
  });

  test('is not thawed when it is not frozen', () => {
    expect(told().does((turn, attempt) => thaw(turn, attempt, 'work'))).toEqual([]);
  });
});

describe('a program that comes to life', () => {
  test('runs, and is frozen at once when the lease is over', () => {
    const { attempt, does } = told({ at: 'restoring' });
    expect([does(goLive), attempt.stage.at]).toEqual([[], 'live']);
    expect(told({ at: 'restoring' }).does(goLive, leaseEnds)).toEqual(['freeze']);
  });
});

describe('without a lease', () => {
  test.each<[Stage, string[], string]>([
    [{ at: 'live' }, ['freeze'], 'live'],
    [{ at: 'starting', order }, ['clear'], 'clearing'],
    [{ at: 'restoring' }, ['clear'], 'clearing'],
    [{ at: 'waiting', order }, [], 'waiting'],
    [{ at: 'receiving' }, [], 'receiving'],
    [{ at: 'collecting', ending: { cause: 'stopped' } }, [], 'collecting'],
    [{ at: 'clearing', then: { is: 'discarded' } }, [], 'clearing'],
  ])('what is %j: %j', (stage, directives, after) => {
    const { attempt, does } = told(stage);
    expect([does(freezeAll, leaseEnds), attempt.stage.at]).toEqual([directives, after]);
    expect(does(freezeAll, leaseEnds)).toEqual([]);
  });

  test('nothing is begun', () => {
    const { attempt, does } = told();
    expect(does((turn, attempt) => begin(turn, attempt, order), leaseEnds)).toEqual([]);
    expect(attempt.stage.at).toBe('waiting');
  });
});

describe('with a lease again', () => {
  test('what it froze goes on, and what waited begins', () => {
    const live = told();
    live.does(freezeAll, leaseEnds);
    expect(live.does(thawAll)).toEqual(['thaw']);
    expect(told({ at: 'waiting', order }).does(thawAll)).toEqual(['start']);
  });

  test('what is being saved or cleared away does not', () => {
    const saving = told();
    saving.does((turn, attempt) => freeze(turn, attempt, 'work'));
    saving.does(freezeAll, leaseEnds);
    expect(saving.does(thawAll)).toEqual([]);
    const clearing = told();
    clearing.does(freezeAll, leaseEnds);
    clearing.does((turn, attempt) => clear(turn, attempt, { is: 'discarded' }));
    expect(clearing.does(thawAll)).toEqual([]);
  });
});

test('what is cleared away has not ended by itself', () => {
  const { attempt, does } = told();
  attempt.endedEarly = { exitCode: 0, because: null };
  expect(does((turn, attempt) => clear(turn, attempt, { is: 'discarded' }))).toEqual(['clear']);
  expect(attempt).toMatchObject({ endedEarly: null, stage: { at: 'clearing' } });
});
