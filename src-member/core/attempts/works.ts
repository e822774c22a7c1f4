import { monotonicMillis, type Millis } from '../../../shared/base/units.ts';
import { wallTimeLeft, type HeldAttempt, type SendOrder } from './attempt.ts';
import { freeze } from './freezing.ts';
import { keyOf, type Turn } from './turn.ts';

/** TERM, and KILL when it is still there after the grace. */
export function terminate(
  turn: Turn,
  attempt: HeldAttempt,
  ending: NonNullable<HeldAttempt['ending']>,
  grace: Millis,
): void {
  attempt.ending = attempt.ending?.by === 'stop' ? attempt.ending : ending;
  turn.directives.push({ d: 'terminate', of: keyOf(attempt) });
  const due = monotonicMillis(turn.now + grace);
  attempt.killAt = attempt.killAt === null || due < attempt.killAt ? due : attempt.killAt;
}

export function save(turn: Turn, attempt: HeldAttempt, then: 'continue' | 'suspend'): void {
  attempt.work = { kind: 'save', then, next: null };
  freeze(turn, attempt, 'work');
  turn.directives.push({
    d: 'save',
    of: keyOf(attempt),
    then,
    wallTimeLeft: wallTimeLeft(attempt.wall, turn.now),
  });
}

export function ship(turn: Turn, attempt: HeldAttempt, order: SendOrder): void {
  attempt.work = { kind: 'send', toEpoch: order.toEpoch, calledOff: null };
  freeze(turn, attempt, 'work');
  turn.directives.push({
    d: 'ship',
    of: keyOf(attempt),
    as: { task: order.task, epoch: order.toEpoch },
    to: {
      member: order.to.id,
      address: order.to.address,
      port: order.to.port,
      ticket: order.ticket,
    },
    wallTimeLeft: wallTimeLeft(attempt.wall, turn.now),
  });
}
