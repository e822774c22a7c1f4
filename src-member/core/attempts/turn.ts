import type { MonotonicMillis } from '../../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { LabTimings } from '../../../shared/domain/timings.ts';
import type { Carried } from '../../ports/container-runtime.ts';
import type { TransferTarget } from '../../ports/task-transfer.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import type { Ending, ToHead } from '../../../shared/wire/to-head.ts';
import { capabilities } from '../../../shared/wire/capabilities.ts';
import { holds, type Lease } from '../lease/lease.ts';
import type { HeldAttempt, StartOrder } from './attempt.ts';

/** What the shell is to do, in this order. Each `of` names an attempt. */
export type Directive =
  | { readonly d: 'send'; readonly message: ToHead }
  /** With the load as it is at that moment. */
  | { readonly d: 'beat'; readonly n: number }
  | { readonly d: 'hello' }
  | { readonly d: 'usage'; readonly of: readonly AttemptKey[] }
  | { readonly d: 'start'; readonly of: AttemptKey; readonly order: StartOrder }
  | { readonly d: 'receive'; readonly of: AttemptKey; readonly spec: TaskSpec }
  | { readonly d: 'refuse-arrival'; readonly of: AttemptKey; readonly reason: string }
  | { readonly d: 'accept-arrival' | 'break-arrival'; readonly of: AttemptKey }
  | { readonly d: 'restore'; readonly of: AttemptKey }
  | { readonly d: 'freeze' | 'thaw' | 'terminate' | 'kill'; readonly of: AttemptKey }
  /** Kill it and free what it had; answer: `cleared`. */
  | { readonly d: 'clear'; readonly of: AttemptKey }
  | {
      readonly d: 'save';
      readonly of: AttemptKey;
      readonly then: 'continue' | 'suspend';
      readonly wallTimeLeft: number | null;
    }
  | {
      readonly d: 'ship';
      readonly of: AttemptKey;
      readonly as: AttemptKey;
      readonly to: TransferTarget;
      readonly wallTimeLeft: number | null;
    }
  | { readonly d: 'call-off'; readonly of: AttemptKey }
  | {
      readonly d: 'collect';
      readonly of: AttemptKey;
      readonly ending: Ending;
      readonly patterns: readonly string[];
    }
  | {
      readonly d: 'read-log';
      readonly of: AttemptKey;
      readonly request: number;
      readonly offset: number;
      readonly follow: boolean;
    }
  | { readonly d: 'stop-log'; readonly request: number }
  | { readonly d: 'uncache'; readonly hashes: readonly string[] }
  /** `byDay`: it should not have joined at this hour. */
  | { readonly d: 'leave'; readonly byDay: boolean };

export type CarriedWall = Pick<Carried, 'wallTimeLeft'>;

export interface AgentState {
  timings: LabTimings;
  lease: Lease;
  /** By `attemptName`. */
  readonly attempts: Map<string, HeldAttempt>;
  /** What the head said it can in its last welcome, see `capabilities`. */
  headCan: readonly string[];
  beatsSinceUsage: number;
  leaving: boolean;
}

/** One input: the state it changes, the moment it came and what follows from it. */
export interface Turn {
  readonly state: AgentState;
  readonly now: MonotonicMillis;
  readonly directives: Directive[];
}

export const find = (turn: Turn, of: AttemptKey): HeldAttempt | undefined =>
  turn.state.attempts.get(attemptName(of));

export const keyOf = ({ task, epoch }: AttemptKey): AttemptKey => ({ task, epoch });

export const say = (turn: Turn, message: ToHead): void => {
  turn.directives.push({ d: 'send', message: withShortReason(message) });
};

/** A reason may quote what a person typed, and a message that is too long cuts the link, again and again. */
const longestReason = 2000;

function withShortReason(message: ToHead): ToHead {
  if (message.t === 'ended' && 'reason' in message.ending)
    return { ...message, ending: { ...message.ending, reason: short(message.ending.reason) } };
  return 'reason' in message && message.reason !== undefined
    ? { ...message, reason: short(message.reason) }
    : message;
}

const short = (reason: string): string =>
  reason.length <= longestReason
    ? reason
    : `${reason.slice(0, longestReason / 2)} … ${reason.slice(-longestReason / 2)}`;

export const mayRun = (turn: Turn): boolean =>
  holds(turn.state.lease, turn.state.timings, turn.now);

/** The one place of the member where the head's capabilities are asked for. */
export const headIsAbleTo = (state: AgentState, what: keyof typeof capabilities): boolean =>
  state.headCan.includes(capabilities[what]);

/** Drops the attempt at once; nothing more is said of it. */
export function drop(turn: Turn, attempt: HeldAttempt): void {
  giveUpPages(turn, attempt);
  turn.state.attempts.delete(attemptName(attempt));
  turn.directives.push({ d: 'clear', of: keyOf(attempt) });
}

/** Its memory that still lies at the source is not wanted any more; the head says what the source is to do with it. */
export function giveUpPages(turn: Turn, attempt: HeldAttempt): void {
  if (!attempt.pagesToCome) return;
  attempt.pagesToCome = false;
  turn.directives.push({ d: 'break-arrival', of: keyOf(attempt) });
}
