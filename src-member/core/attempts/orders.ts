import type { Millis } from '../../../shared/base/units.ts';
import { attemptName } from '../../../shared/domain/attempt-key.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { newAttempt, type HeldAttempt, type SendOrder } from './attempt.ts';
import { hurry, overReport } from './endings.ts';
import { begin, clear, thaw } from './freezing.ts';
import { drop, find, giveUpPages, keyOf, say, type Turn } from './turn.ts';
import { save, ship, terminate } from './works.ts';

type Order<Kind extends ToMember['t']> = Extract<ToMember, { readonly t: Kind }>;

export function onStart(turn: Turn, order: Order<'start'>): void {
  if (find(turn, order)) return;
  // The head never places a task it believes to be running; an older attempt that is still here is over.
  for (const other of [...turn.state.attempts.values()])
    if (other.task === order.task && other.epoch < order.epoch && other.stage.at !== 'over')
      drop(turn, other);
  const attempt = newAttempt(order, order.spec, { at: 'waiting', order });
  turn.state.attempts.set(attemptName(order), attempt);
  begin(turn, attempt, order);
}

export function onStop(turn: Turn, attempt: HeldAttempt, grace: Millis): void {
  const { stage, work } = attempt;
  switch (stage.at) {
    case 'waiting':
    case 'starting':
      clear(turn, attempt, { is: 'report', report: stoppedReport(attempt) });
      return;
    case 'clearing':
      if (stage.then.is === 'wait')
        attempt.stage = {
          at: 'clearing',
          then: { is: 'report', report: stoppedReport(attempt) },
        };
      return;
    case 'live':
      if (work?.kind === 'send') {
        // Until the sending is called off nobody knows where it will run.
        work.calledOff = 'stop';
        attempt.ending = { by: 'stop' };
        turn.directives.push({ d: 'call-off', of: keyOf(attempt) });
      } else terminate(turn, attempt, { by: 'stop' }, grace);
      return;
    case 'over':
      say(turn, stage.report);
      return;
    case 'collecting':
      // Whoever cancels a task wants none of its results, and those may be hours of sending.
      clear(turn, attempt, { is: 'report', report: stoppedReport(attempt) });
      return;
    case 'expected':
    case 'receiving':
    case 'restoring':
  }
}

const stoppedReport = (of: HeldAttempt): ReturnType<typeof overReport> =>
  overReport(of, { cause: 'stopped' });

/** `confirm`: the head gives the task to nobody before it is told that nothing of this attempt runs any more. */
export function onDiscard(turn: Turn, attempt: HeldAttempt, confirm: boolean): void {
  if (attempt.stage.at === 'expected' || attempt.stage.at === 'receiving')
    turn.directives.push({
      d: 'refuse-arrival',
      of: keyOf(attempt),
      reason: 'the task was given up meanwhile',
    });
  if (attempt.work?.kind === 'send') turn.directives.push({ d: 'call-off', of: keyOf(attempt) });
  attempt.work = null;
  giveUpPages(turn, attempt);
  if (!confirm) drop(turn, attempt);
  else if (attempt.stage.at === 'clearing')
    attempt.stage = { at: 'clearing', then: { is: 'discarded' } };
  else clear(turn, attempt, { is: 'discarded' });
}

export function onForget(turn: Turn, attempt: HeldAttempt): void {
  if (attempt.stage.at === 'over') drop(turn, attempt);
}

export function onCheckpoint(turn: Turn, attempt: HeldAttempt, then: 'continue' | 'suspend'): void {
  const { stage, work } = attempt;
  if (stage.at === 'over') {
    say(turn, stage.report);
    return;
  }
  if (stage.at === 'collecting') {
    if (then === 'suspend') hurry(turn, attempt);
    return;
  }
  const refuse = (reason: string): void =>
    say(turn, { t: 'checkpoint-failed', ...keyOf(attempt), reason });
  if (stage.at !== 'live') refuse('the program has not begun to run yet');
  else if (attempt.ending) refuse('the program is being ended');
  else if (attempt.pagesToCome) refuse(pagesOnTheirWay);
  else if (work?.kind === 'save') {
    if (then === 'suspend' && work.then === 'continue') work.next = 'suspend';
  } else if (work) refuse('the task is on its way to another PC');
  else save(turn, attempt, then);
}

const pagesOnTheirWay = 'a part of its memory is still on its way here';

export function onSend(turn: Turn, attempt: HeldAttempt, order: SendOrder): void {
  const { stage, work } = attempt;
  if (stage.at === 'over') {
    say(turn, stage.report);
    return;
  }
  const refuse = (reason: string): void =>
    say(turn, {
      t: 'move-failed',
      ...keyOf(attempt),
      toEpoch: order.toEpoch,
      outcome: 'thawed',
      reason,
    });
  if (stage.at === 'collecting') refuse('its program has ended, and its results are on their way');
  else if (stage.at !== 'live') refuse('the program has not begun to run yet');
  else if (attempt.ending) refuse('the program is being ended');
  else if (attempt.pagesToCome) refuse(pagesOnTheirWay);
  else if (work?.kind === 'save' && work.then === 'continue' && work.next === null)
    work.next = order;
  else if (work?.kind === 'save') refuse('the task is being saved');
  else if (work) {
    if (work.toEpoch !== order.toEpoch) refuse('the task is on its way to another PC already');
  } else ship(turn, attempt, order);
}

export function onKeep(turn: Turn, attempt: HeldAttempt): void {
  const { work } = attempt;
  if (work?.kind === 'doubt') {
    attempt.work = null;
    thaw(turn, attempt, 'doubt');
  } else if (work?.kind === 'send' && work.calledOff === null) {
    work.calledOff = 'keep';
    turn.directives.push({ d: 'call-off', of: keyOf(attempt) });
  }
}

export function onExpect(turn: Turn, order: Order<'expect'>): void {
  const held = find(turn, order);
  if (!held) {
    turn.state.attempts.set(
      attemptName(order),
      newAttempt(order, order.spec, { at: 'expected', ticket: order.ticket, from: order.from }),
    );
  }
  if (!held || held.stage.at === 'expected') say(turn, { t: 'expecting', ...keyOf(order) });
}

export function onAbandon(turn: Turn, attempt: HeldAttempt): void {
  const { stage } = attempt;
  switch (stage.at) {
    case 'expected':
    case 'receiving':
      turn.directives.push({
        d: 'refuse-arrival',
        of: keyOf(attempt),
        reason: 'the move was given up',
      });
      drop(turn, attempt);
      say(turn, { t: 'abandoned', ...keyOf(attempt) });
      return;
    case 'live':
      // Without its source it cannot go on, and the head asks because that is in doubt.
      if (attempt.pagesToCome)
        clear(turn, attempt, { is: 'abandon', reason: 'its memory had not all come' });
      else say(turn, { t: 'arrived', ...keyOf(attempt) });
      return;
    case 'collecting':
      say(turn, { t: 'arrived', ...keyOf(attempt) });
      return;
    case 'over':
      say(turn, stage.report);
      return;
    // Its answer is under way: `arrived` or `abandoned`.
    case 'restoring':
    case 'clearing':
    case 'waiting':
    case 'starting':
  }
}
