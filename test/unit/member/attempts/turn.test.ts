import { describe, expect, test } from 'vitest';
import { monotonicMillis } from '../../../../shared/base/units.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  drop,
  find,
  keyOf,
  mayRun,
  say,
  type Turn,
} from '../../../../src-member/core/attempts/turn.ts';
import { HeldMember, key } from '../held-member.ts';

const one = key(1, 1);
const turnOf = (member: HeldMember, now = 2000): Turn => ({
  ...{ state: member.state, now: monotonicMillis(now), directives: [] },
});

test('an attempt is found by task and number, and dropped without a word', () => {
  const member = new HeldMember().joins().runs(one);
  const turn = turnOf(member);
  const held = find(turn, one);
  expect([find(turn, key(1, 2)), find(turn, key(2, 1)), held?.task]).toEqual([
    undefined,
    undefined,
    one.task,
  ]);
  if (held) drop(turn, held);
  expect([find(turn, one), turn.directives]).toEqual([undefined, [{ d: 'clear', of: one }]]);
});

test('the key of an attempt is no more than that', () => {
  expect(keyOf({ ...one, spec: {} } as never)).toEqual(one);
});

test('programs may run while the lease holds', () => {
  const end = 1000 + practiceTimings.freezeAfter;
  const joined = new HeldMember().joins();
  expect([mayRun(turnOf(joined, end - 1)), mayRun(turnOf(joined, end))]).toEqual([true, false]);
  expect(mayRun(turnOf(new HeldMember()))).toBe(false);
});

describe('a reason that is said', () => {
  const saidOf = (message: Parameters<typeof say>[1]) => {
    const turn = turnOf(new HeldMember());
    say(turn, message);
    const [directive] = turn.directives;
    return directive?.d === 'send' ? directive.message : undefined;
  };

  test.each([0, 1, 2000])('of %d letters stays as it is', (length) => {
    const message = { t: 'abandoned', ...one, reason: 'x'.repeat(length) } as const;
    expect(saidOf(message)).toEqual(message);
  });

  test('that is longer keeps its beginning and its end', () => {
    const reason = `${'a'.repeat(5000)}${'z'.repeat(5000)}`;
    const short = `${'a'.repeat(1000)} … ${'z'.repeat(1000)}`;
    expect(saidOf({ t: 'abandoned', ...one, reason })).toMatchObject({ reason: short });
    const ending = { cause: 'machine', reason } as const;
    expect(
      saidOf({ t: 'ended', ...one, ending, outputs: [], log: null, cpuSeconds: 0 }),
    ).toMatchObject({ ending: { cause: 'machine', reason: short } });
  });

  test('is none where there is none', () => {
    const message = { t: 'discarded', ...one } as const;
    expect(saidOf(message)).toEqual(message);
  });
});
