import { expect, test } from 'vitest';
import { millis, monotonicMillis } from '../../../../shared/base/units.ts';
import { save, ship, terminate } from '../../../../src-member/core/attempts/works.ts';
import type { Directive, Turn } from '../../../../src-member/core/attempts/turn.ts';
import { HeldMember, key, target } from '../held-member.ts';

const one = key(1, 1);
const order = {
  t: 'send',
  ...one,
  toEpoch: key(1, 2).epoch,
  to: target,
  ticket: 'secret',
} as const;

function told() {
  const member = new HeldMember().joins().runs(one, { wallTimeLeft: millis(9000) });
  const [attempt] = [...member.state.attempts.values()];
  if (!attempt) throw new Error('nothing is held');
  const directives: Directive[] = [];
  const turn = (now: number): Turn => ({
    state: member.state,
    now: monotonicMillis(now),
    directives,
  });
  return { attempt, directives, turn };
}

test('a save freezes the program and tells how much wall time was left', () => {
  const { attempt, directives, turn } = told();
  save(turn(3000), attempt, 'suspend');
  expect(directives).toEqual([
    { d: 'freeze', of: one },
    { d: 'save', of: one, then: 'suspend', wallTimeLeft: 7000 },
  ]);
  expect(attempt.work).toEqual({ kind: 'save', then: 'suspend', next: null });
});

test('a task is sent as the attempt that it will be, to its target with the ticket', () => {
  const { attempt, directives, turn } = told();
  ship(turn(3000), attempt, order);
  expect(directives).toMatchObject([
    { d: 'freeze' },
    {
      ...{ d: 'ship', of: one, as: key(1, 2), wallTimeLeft: 7000 },
      to: { member: target.id, address: target.address, port: target.port, ticket: 'secret' },
    },
  ]);
});

test.each([
  ['sooner', 500, 100],
  ['later', 100, 500],
  ['at the same time', 100, 100],
])(
  'a program that is ended twice is killed at the earlier moment: the second one is %s',
  (_what, first, second) => {
    const { attempt, directives, turn } = told();
    terminate(turn(1000), attempt, { by: 'limit', reason: 'x' }, millis(first));
    terminate(turn(1000), attempt, { by: 'limit', reason: 'y' }, millis(second));
    expect(attempt.killAt).toBe(1000 + Math.min(first, second));
    expect(directives.map(({ d }) => d)).toEqual(['terminate', 'terminate']);
  },
);

test('who was stopped by a person stays so, whatever limit it meets', () => {
  const { attempt, turn } = told();
  terminate(turn(1000), attempt, { by: 'stop' }, millis(9000));
  terminate(turn(1000), attempt, { by: 'limit', reason: 'x' }, millis(9000));
  expect(attempt.ending).toEqual({ by: 'stop' });
});
