import { assertNever } from '../../../shared/base/assert-never.ts';
import { millis, monotonicMillis, type MonotonicMillis } from '../../../shared/base/units.ts';
import { attemptName } from '../../../shared/domain/attempt-key.ts';
import type { LabTimings } from '../../../shared/domain/timings.ts';
import type { AdoptedAttempt } from '../../ports/container-runtime.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { newAttempt } from '../attempts/attempt.ts';
import { attemptsWakeAt, doWhatIsDue } from '../attempts/due.ts';
import { collect, collectAgain } from '../attempts/endings.ts';
import { onOutcome, type Outcome } from '../attempts/outcomes.ts';
import {
  onAbandon,
  onCheckpoint,
  onDiscard,
  onExpect,
  onForget,
  onKeep,
  onSend,
  onStart,
  onStop,
} from '../attempts/orders.ts';
import { freezeAll, thawAll } from '../attempts/freezing.ts';
import {
  find,
  keyOf,
  mayRun,
  say,
  type AgentState,
  type Directive,
  type Turn,
} from '../attempts/turn.ts';
import {
  beatIfDue,
  leaseWakeAt,
  noLease,
  onAnswered,
  onLinkLost,
  onLinkOpened,
  onWelcomed,
} from '../lease/lease.ts';

export type AgentInput =
  | { readonly i: 'link-opened' }
  | { readonly i: 'link-lost' }
  | { readonly i: 'message'; readonly message: ToMember }
  | { readonly i: 'outcome'; readonly outcome: Outcome }
  | { readonly i: 'wake' };

/**
 * What an earlier agent on this PC left is held again, frozen: how long its lease holds is not known, and the first
 * answer of the head thaws it.
 */
export function newAgent(timings: LabTimings, adopted: readonly AdoptedAttempt[]): AgentState {
  const state: AgentState = {
    timings,
    lease: noLease,
    attempts: new Map(),
    headCan: [],
    beatsSinceUsage: 0,
    leaving: false,
  };
  for (const left of adopted) {
    const attempt = newAttempt(left, left.spec, { at: 'live' });
    attempt.frozen.add('lease');
    attempt.resumed = left.resumed;
    attempt.wall.left = left.wallTimeLeft;
    state.attempts.set(attemptName(left), attempt);
  }
  return state;
}

export function decide(
  state: AgentState,
  input: AgentInput,
  now: MonotonicMillis,
): readonly Directive[] {
  const turn: Turn = { state, now, directives: [] };
  // An input that comes late must not be answered as if the lease still held.
  if (!mayRun(turn)) freezeAll(turn);
  switch (input.i) {
    case 'link-opened':
      onOpened(turn);
      break;
    case 'link-lost':
      state.lease = onLinkLost(state.lease);
      break;
    case 'message':
      onMessage(turn, input.message);
      break;
    case 'outcome':
      onOutcome(turn, input.outcome);
      break;
    case 'wake':
      doWhatIsDue(turn);
      beat(turn);
      break;
    default:
      assertNever(input, 'input');
  }
  return turn.directives;
}

/** When `wake` is to come at the latest; null: nothing is due until something else happens. */
export function nextWakeAt(state: AgentState, now: MonotonicMillis): MonotonicMillis | null {
  const ofLease = leaseWakeAt(state.lease, state.timings, now);
  const ofAttempts = attemptsWakeAt(state);
  if (ofLease === null || ofAttempts === null) return ofLease ?? ofAttempts;
  return monotonicMillis(Math.min(ofLease, ofAttempts));
}

/** Hello first; then every report that has not been acknowledged. */
function onOpened(turn: Turn): void {
  turn.state.lease = onLinkOpened(turn.state.lease, turn.now);
  turn.directives.push({ d: 'hello' });
  for (const attempt of turn.state.attempts.values()) {
    const { stage } = attempt;
    if (stage.at === 'over') say(turn, stage.report);
    else if (stage.at === 'expected') say(turn, { t: 'expecting', ...keyOf(attempt) });
    else if (stage.at === 'live' && attempt.resumed !== null)
      say(turn, { t: 'started', ...keyOf(attempt), resumed: attempt.resumed });
    else if (stage.at === 'collecting' && attempt.collectAgainAt !== null) {
      attempt.collectFailures = 0;
      collect(turn, attempt, stage.ending);
    }
  }
}

/** Usage goes with every so many heartbeats, and with the first after something began to run. */
const beatsPerUsage = 5;

function beat(turn: Turn): void {
  const { state } = turn;
  const due = beatIfDue(state.lease, state.timings.heartbeat, turn.now);
  if (!due) return;
  state.lease = due.lease;
  turn.directives.push({ d: 'beat', n: due.n });
  const live = [...state.attempts.values()].filter(({ stage }) => stage.at === 'live').map(keyOf);
  state.beatsSinceUsage = live.length === 0 ? beatsPerUsage - 1 : state.beatsSinceUsage + 1;
  if (state.beatsSinceUsage < beatsPerUsage || live.length === 0) return;
  state.beatsSinceUsage = 0;
  turn.directives.push({ d: 'usage', of: live });
}

function onMessage(turn: Turn, message: ToMember): void {
  const { state } = turn;
  switch (message.t) {
    case 'welcome':
      state.timings = message.timings;
      state.headCan = message.can ?? [];
      state.lease = onWelcomed(state.lease, state.timings.heartbeat, turn.now);
      if (mayRun(turn)) thawAll(turn);
      return;
    case 'lease':
      state.lease = onAnswered(state.lease, message.n);
      if (mayRun(turn)) thawAll(turn);
      return;
    case 'start':
      onStart(turn, message);
      return;
    case 'expect':
      onExpect(turn, message);
      return;
    case 'go':
      state.leaving = true;
      say(turn, { t: 'leaving' });
      turn.directives.push({ d: 'leave', byDay: message.byDay === true });
      return;
    case 'log-stop':
      turn.directives.push({ d: 'stop-log', request: message.request });
      return;
    case 'uncache':
      turn.directives.push({ d: 'uncache', hashes: message.hashes });
      return;
    case 'refused':
      return; // on the screen; the shell of the link shows it
    default:
      onAttemptMessage(turn, message);
  }
}

type AboutAttempt = Extract<
  ToMember,
  {
    t:
      | 'stop'
      | 'discard'
      | 'forget'
      | 'send-again'
      | 'checkpoint'
      | 'send'
      | 'keep'
      | 'abandon'
      | 'log';
  }
>;

function onAttemptMessage(turn: Turn, message: AboutAttempt): void {
  const attempt = find(turn, message);
  if (!attempt) {
    onUnknown(turn, message);
    return;
  }
  switch (message.t) {
    case 'stop':
      onStop(turn, attempt, millis(message.graceMs));
      return;
    case 'discard':
      onDiscard(turn, attempt, message.confirm === true);
      return;
    case 'forget':
      onForget(turn, attempt);
      return;
    case 'send-again':
      collectAgain(turn, attempt);
      return;
    case 'checkpoint':
      onCheckpoint(turn, attempt, message.then);
      return;
    case 'send':
      onSend(turn, attempt, message);
      return;
    case 'keep':
      onKeep(turn, attempt);
      return;
    case 'abandon':
      onAbandon(turn, attempt);
      return;
    case 'log':
      turn.directives.push({
        d: 'read-log',
        of: keyOf(attempt),
        request: message.request,
        offset: message.offset,
        follow: message.follow,
      });
      return;
    default:
      assertNever(message, 'message');
  }
}

function onUnknown(turn: Turn, message: AboutAttempt): void {
  switch (message.t) {
    case 'discard':
      if (message.confirm === true) say(turn, { t: 'discarded', ...keyOf(message) });
      return;
    case 'forget':
    case 'send-again':
      return; // as it should be
    case 'abandon':
      say(turn, { t: 'abandoned', ...keyOf(message) });
      return;
    case 'log':
      say(turn, {
        t: 'log-piece',
        request: message.request,
        offset: message.offset,
        piece: '',
        end: true,
      });
      return;
    default:
      say(turn, { t: 'unknown-attempt', ...keyOf(message) });
  }
}
