import type { MonotonicMillis } from '../../../shared/base/units.ts';
import type { AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { Epoch, MemberId } from '../../../shared/domain/ids.ts';
import type { ProgramEnd } from '../../ports/container-runtime.ts';
import type { AttemptReport, TaskSpec } from '../../../shared/wire/task-spec.ts';
import type { Ending, ToHead } from '../../../shared/wire/to-head.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';

export type StartOrder = Extract<ToMember, { readonly t: 'start' }>;
export type SendOrder = Extract<ToMember, { readonly t: 'send' }>;

/**
 * From the head:    waiting ⇄ starting → live → collecting → over
 * From a member:    expected → receiving → restoring → live → …
 * Given up before it ran: clearing → gone, waiting or over.
 * `waiting`: to be started as soon as there is a lease.
 */
export type Stage =
  | { readonly at: 'waiting'; readonly order: StartOrder }
  | { readonly at: 'starting'; readonly order: StartOrder }
  | { readonly at: 'expected'; readonly ticket: string; readonly from: MemberId }
  | { readonly at: 'receiving' }
  | { readonly at: 'restoring' }
  | { readonly at: 'clearing'; readonly then: AfterClearing }
  | { readonly at: 'live' }
  | { readonly at: 'collecting'; readonly ending: Ending }
  /** Its end is reported after every reconnect until `forget`. */
  | { readonly at: 'over'; readonly report: ToHead };

/** Whatever it says is said only when nothing of the attempt runs any more. */
export type AfterClearing =
  | { readonly is: 'wait'; readonly order: StartOrder }
  | { readonly is: 'abandon'; readonly reason: string }
  | { readonly is: 'discarded' }
  | { readonly is: 'report'; readonly report: ToHead };

/** lease: it ran out; work: it is being saved or sent; doubt: it was sent and nobody said whether it arrived. */
export type FreezeReason = 'lease' | 'work' | 'doubt';

export type Work =
  | {
      readonly kind: 'save';
      readonly then: 'continue' | 'suspend';
      /** Asked for meanwhile, to be done next. */
      next: 'suspend' | SendOrder | null;
    }
  | {
      readonly kind: 'send';
      readonly toEpoch: Epoch;
      /** The head said `keep` or `stop` meanwhile: the sending is being called off. */
      calledOff: 'keep' | 'stop' | null;
    }
  | { readonly kind: 'doubt'; readonly toEpoch: Epoch };

export interface HeldAttempt extends AttemptKey {
  readonly spec: TaskSpec;
  stage: Stage;
  /** The program runs while this is empty. */
  readonly frozen: Set<FreezeReason>;
  work: Work | null;
  /** Why it is being ended by us. */
  ending: { readonly by: 'stop' } | { readonly by: 'limit'; readonly reason: string } | null;
  killAt: MonotonicMillis | null;
  collectAgainAt: MonotonicMillis | null;
  /** Somebody wants the PC: when results that are not on the head by then are given up. */
  giveUpAt: MonotonicMillis | null;
  /** How often the results could not be stored, since the head was last found. */
  collectFailures: number;
  /** The program ended before its start was known. */
  endedEarly: ProgramEnd | null;
  wall: WallTime;
  /** It runs, and a part of its memory still lies where it comes from: neither saved nor sent until `all-here`. */
  pagesToCome: boolean;
  /** Whether it runs from a checkpoint, once it runs; null: it came from another member or does not run yet. */
  resumed: boolean | null;
}

/** Counts only while the program can run. */
export interface WallTime {
  /** Milliseconds, as of `runningSince`; null: no limit. */
  left: number | null;
  runningSince: MonotonicMillis | null;
}

export const newAttempt = (of: AttemptKey, spec: TaskSpec, stage: Stage): HeldAttempt => ({
  task: of.task,
  epoch: of.epoch,
  spec,
  stage,
  frozen: new Set(),
  work: null,
  ending: null,
  killAt: null,
  collectAgainAt: null,
  giveUpAt: null,
  collectFailures: 0,
  endedEarly: null,
  wall: { left: spec.wallTimeLeft, runningSince: null },
  pagesToCome: false,
  resumed: null,
});

export function wallTimeLeft(wall: WallTime, now: MonotonicMillis): number | null {
  if (wall.left === null || wall.runningSince === null) return wall.left;
  return wall.left - (now - wall.runningSince);
}

/**
 * `inSteps`: the head knows arrivals in two steps. One that does not takes whatever runs for wholly arrived, so it is told
 * nothing of the first step. No head becomes an older one while tasks move: it could not read its log.
 */
export function reportOf(attempt: HeldAttempt, inSteps: boolean): AttemptReport {
  const { task, epoch, pagesToCome } = attempt;
  const state = reportedState(attempt);
  if (!pagesToCome || (state !== 'running' && state !== 'frozen')) return { task, epoch, state };
  return inSteps ? { task, epoch, state, whole: false } : { task, epoch, state: 'arriving' };
}

function reportedState({ stage, work, frozen }: HeldAttempt): AttemptReport['state'] {
  switch (stage.at) {
    case 'waiting':
    case 'starting':
      return 'starting';
    case 'expected':
    case 'receiving':
    case 'restoring':
      return 'arriving';
    case 'clearing':
      return { wait: 'starting', abandon: 'arriving', discarded: 'ended', report: 'ended' }[
        stage.then.is
      ] as AttemptReport['state'];
    case 'live':
      if (work?.kind === 'send') return 'leaving';
      if (work?.kind === 'doubt') return 'uncertain';
      return frozen.has('lease') ? 'frozen' : 'running';
    case 'collecting':
    case 'over':
      return 'ended';
  }
}
