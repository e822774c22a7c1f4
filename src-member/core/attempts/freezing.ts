import type { FreezeReason, HeldAttempt } from './attempt.ts';
import { wallTimeLeft } from './attempt.ts';
import { keyOf, mayRun, type Turn } from './turn.ts';

/** The program stops for one more reason; idempotent. */
export function freeze(turn: Turn, attempt: HeldAttempt, reason: FreezeReason): void {
  const ran = attempt.frozen.size === 0;
  attempt.frozen.add(reason);
  if (!ran) return;
  attempt.wall.left = wallTimeLeft(attempt.wall, turn.now);
  attempt.wall.runningSince = null;
  turn.directives.push({ d: 'freeze', of: keyOf(attempt) });
}

/** One reason fewer; the program goes on when none is left and the lease holds. */
export function thaw(turn: Turn, attempt: HeldAttempt, reason: FreezeReason): void {
  if (!attempt.frozen.delete(reason) || attempt.frozen.size > 0) return;
  if (!mayRun(turn)) {
    attempt.frozen.add('lease');
    return;
  }
  attempt.wall.runningSince = turn.now;
  turn.directives.push({ d: 'thaw', of: keyOf(attempt) });
}

/** The program runs as of now; it is frozen at once when the lease has run out meanwhile. */
export function goLive(turn: Turn, attempt: HeldAttempt): void {
  attempt.stage = { at: 'live' };
  attempt.wall.runningSince = turn.now;
  if (!mayRun(turn)) freeze(turn, attempt, 'lease');
}

/**
 * The lease has run out: nothing may run when the head gives our tasks to others. What is only just starting has no
 * work to lose and is taken back.
 */
export function freezeAll(turn: Turn): void {
  for (const attempt of turn.state.attempts.values()) {
    const { stage } = attempt;
    if (stage.at === 'live') freeze(turn, attempt, 'lease');
    else if (stage.at === 'starting') clear(turn, attempt, { is: 'wait', order: stage.order });
    else if (stage.at === 'restoring')
      clear(turn, attempt, { is: 'abandon', reason: 'the lease of this PC ran out meanwhile' });
  }
}

/** The lease holds again: what it froze goes on, what waited begins. */
export function thawAll(turn: Turn): void {
  for (const attempt of turn.state.attempts.values()) {
    // What is being cleared away was frozen, too, and must not run for another moment.
    if (attempt.stage.at === 'live' && attempt.frozen.has('lease')) thaw(turn, attempt, 'lease');
    if (attempt.stage.at === 'waiting') begin(turn, attempt, attempt.stage.order);
  }
}

export function begin(
  turn: Turn,
  attempt: HeldAttempt,
  order: Extract<HeldAttempt['stage'], { at: 'starting' }>['order'],
): void {
  if (!mayRun(turn)) {
    attempt.stage = { at: 'waiting', order };
    return;
  }
  attempt.stage = { at: 'starting', order };
  turn.directives.push({ d: 'start', of: keyOf(attempt), order });
}

/** Kills what there is of it; `then` happens when nothing of it can run any more. */
export function clear(
  turn: Turn,
  attempt: HeldAttempt,
  then: Extract<HeldAttempt['stage'], { at: 'clearing' }>['then'],
): void {
  attempt.stage = { at: 'clearing', then };
  attempt.endedEarly = null;
  turn.directives.push({ d: 'clear', of: keyOf(attempt) });
}
