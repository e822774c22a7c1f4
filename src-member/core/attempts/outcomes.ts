import { monotonicMillis, type EpochMillis, millis } from '../../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { BlobHash, MemberId } from '../../../shared/domain/ids.ts';
import type { OutputFile } from '../../../shared/domain/job.ts';
import type { TreeNode } from '../../../shared/domain/tree.ts';
import type { ProgramEnd, StartFault } from '../../ports/container-runtime.ts';
import type { BlobFault, StoredAt } from '../../ports/task-files.ts';
import type { Ending, ToHead } from '../../../shared/wire/to-head.ts';
import type { HeldAttempt } from './attempt.ts';
import { collect, collectRetry, endingOf, overReport } from './endings.ts';
import { begin, clear, freeze, goLive, thaw } from './freezing.ts';
import { drop, find, headIsAbleTo, keyOf, mayRun, say, type Turn } from './turn.ts';
import { save, ship, terminate } from './works.ts';

/** What came of a directive, or happened by itself. */
export type Outcome =
  | { readonly o: 'started'; readonly of: AttemptKey }
  | { readonly o: 'start-failed'; readonly of: AttemptKey; readonly fault: StartFault }
  | {
      readonly o: 'arrival';
      readonly of: AttemptKey;
      readonly ticket: string;
      readonly from: MemberId;
    }
  | { readonly o: 'received'; readonly of: AttemptKey; readonly wallTimeLeft: number | null }
  | { readonly o: 'receive-failed'; readonly of: AttemptKey; readonly reason: string }
  /** `whole: false`: it runs, and its memory follows: `all-here` or `pages-lost` comes. */
  | { readonly o: 'restored'; readonly of: AttemptKey; readonly whole?: boolean }
  | { readonly o: 'all-here'; readonly of: AttemptKey }
  /** What had not come cannot be had any more: it cannot go on. */
  | { readonly o: 'pages-lost'; readonly of: AttemptKey; readonly reason: string }
  | { readonly o: 'restore-failed'; readonly of: AttemptKey; readonly reason: string }
  | { readonly o: 'cleared'; readonly of: AttemptKey }
  | { readonly o: 'ended'; readonly of: AttemptKey; readonly end: ProgramEnd }
  /** The copy is complete: the program may go on while it is stored. */
  | { readonly o: 'copied'; readonly of: AttemptKey }
  | { readonly o: 'saved'; readonly of: AttemptKey; readonly saved: Saved }
  | { readonly o: 'save-failed'; readonly of: AttemptKey; readonly reason: string }
  | {
      readonly o: 'shipped';
      readonly of: AttemptKey;
      readonly bytes: number;
      readonly freezeMs: number;
      readonly totalMs: number;
    }
  | {
      readonly o: 'ship-failed';
      readonly of: AttemptKey;
      readonly outcome: 'refused' | 'uncertain';
      readonly reason: string;
    }
  | {
      readonly o: 'collected';
      readonly of: AttemptKey;
      readonly ending: Ending;
      readonly outputs: readonly OutputFile[];
      readonly nodes?: readonly TreeNode[];
      readonly list?: StoredAt;
      readonly log: BlobHash | null;
      readonly cpuSeconds: number;
    }
  /** The head cannot be reached, or its disk is full: to be tried again. */
  | { readonly o: 'collect-failed'; readonly of: AttemptKey; readonly fault: BlobFault };

export interface Saved extends StoredAt {
  readonly takenAt: EpochMillis;
  readonly log: BlobHash | null;
  readonly cpuSeconds: number;
  readonly freezeMs: number;
}

/** Outcomes for attempts that were dropped meanwhile change nothing. */
export function onOutcome(turn: Turn, outcome: Outcome): void {
  const attempt = find(turn, outcome.of);
  if (!attempt) {
    if (outcome.o === 'arrival')
      turn.directives.push({
        d: 'refuse-arrival',
        of: outcome.of,
        reason: 'this PC does not expect that task',
      });
    return;
  }
  const { stage } = attempt;
  switch (outcome.o) {
    case 'started':
      if (stage.at !== 'starting') return;
      attempt.resumed = stage.order.checkpoint !== null;
      goLive(turn, attempt);
      say(turn, { t: 'started', ...keyOf(attempt), resumed: attempt.resumed });
      endIfEndedEarly(turn, attempt);
      return;
    case 'start-failed':
      if (stage.at === 'starting')
        clear(turn, attempt, {
          is: 'report',
          report: overReport(attempt, outcome.fault),
        });
      return;
    case 'arrival':
      onArrival(turn, attempt, outcome);
      return;
    case 'received':
      if (stage.at !== 'receiving') return;
      if (outcome.wallTimeLeft !== null) attempt.wall.left = outcome.wallTimeLeft;
      if (mayRun(turn)) {
        attempt.stage = { at: 'restoring' };
        turn.directives.push({ d: 'restore', of: keyOf(attempt) });
      } else clear(turn, attempt, { is: 'abandon', reason: noLeaseHere });
      return;
    case 'receive-failed':
      if (stage.at === 'receiving') clear(turn, attempt, { is: 'abandon', reason: outcome.reason });
      return;
    case 'restored':
      if (stage.at !== 'restoring') return;
      if (!mayRun(turn)) {
        clear(turn, attempt, { is: 'abandon', reason: noLeaseHere });
        return;
      }
      goLive(turn, attempt);
      if (outcome.whole === false) runsInSteps(turn, attempt);
      else {
        turn.directives.push({ d: 'accept-arrival', of: keyOf(attempt) });
        say(turn, { t: 'arrived', ...keyOf(attempt) });
      }
      endIfEndedEarly(turn, attempt);
      return;
    case 'all-here':
      if (stage.at === 'live' && attempt.pagesToCome) onAllHere(turn, attempt);
      return;
    case 'pages-lost':
      // It still counts as its source's, which goes on from where it left.
      if (stage.at === 'live' && attempt.pagesToCome)
        clear(turn, attempt, { is: 'abandon', reason: outcome.reason });
      return;
    case 'restore-failed':
      if (stage.at === 'restoring') clear(turn, attempt, { is: 'abandon', reason: outcome.reason });
      return;
    case 'cleared':
      onCleared(turn, attempt);
      return;
    case 'ended':
      if (stage.at === 'starting' || stage.at === 'restoring') attempt.endedEarly = outcome.end;
      else if (stage.at === 'live') onEnded(turn, attempt, outcome.end);
      return;
    case 'copied':
      if (stage.at === 'live' && attempt.work?.kind === 'save' && attempt.work.then === 'continue')
        thaw(turn, attempt, 'work');
      return;
    case 'saved':
      onSaved(turn, attempt, outcome.saved);
      return;
    case 'save-failed':
      if (stage.at !== 'live' || attempt.work?.kind !== 'save') return;
      say(turn, { t: 'checkpoint-failed', ...keyOf(attempt), reason: outcome.reason });
      finishSave(turn, attempt, attempt.work.next);
      return;
    case 'shipped':
      onShipped(turn, attempt, outcome);
      return;
    case 'ship-failed':
      onShipFailed(turn, attempt, outcome.outcome, outcome.reason);
      return;
    case 'collected':
      if (stage.at !== 'collecting') return;
      attempt.stage = {
        at: 'over',
        report: {
          t: 'ended',
          ...keyOf(attempt),
          ending: outcome.ending,
          outputs: [...outcome.outputs],
          ...(outcome.nodes && { nodes: [...outcome.nodes] }),
          ...(outcome.list && { list: outcome.list }),
          log: outcome.log,
          cpuSeconds: outcome.cpuSeconds,
        },
      };
      say(turn, attempt.stage.report);
      return;
    case 'collect-failed':
      if (stage.at !== 'collecting') return;
      attempt.collectFailures += 1;
      attempt.collectAgainAt = monotonicMillis(turn.now + collectRetry(attempt.collectFailures));
      // A head that cannot be reached cannot be told either.
      if (outcome.fault.why !== 'unreachable')
        say(turn, { t: 'results-wait', ...keyOf(attempt), reason: outcome.fault.reason });
  }
}

const noLeaseHere = 'that PC has lost touch with the head';

function onArrival(
  turn: Turn,
  attempt: HeldAttempt,
  arrival: Extract<Outcome, { readonly o: 'arrival' }>,
): void {
  const { stage } = attempt;
  const refuse = (reason: string): void => {
    turn.directives.push({ d: 'refuse-arrival', of: keyOf(attempt), reason });
  };
  // To refuse what is here already would let the sender run it, too.
  if (stage.at !== 'expected') turn.directives.push({ d: 'break-arrival', of: keyOf(attempt) });
  else if (stage.ticket !== arrival.ticket || stage.from !== arrival.from)
    refuse('the ticket is not the one that was announced');
  else if (!mayRun(turn)) refuse(noLeaseHere);
  else {
    attempt.stage = { at: 'receiving' };
    turn.directives.push({ d: 'receive', of: keyOf(attempt), spec: attempt.spec });
  }
}

/** The first of two steps. The source keeps its copy: nothing was accepted yet. */
function runsInSteps(turn: Turn, attempt: HeldAttempt): void {
  attempt.pagesToCome = true;
  if (headIsAbleTo(turn.state, 'arrivesInSteps'))
    say(turn, { t: 'arrived', ...keyOf(attempt), whole: false });
}

/** The second one: the source may drop its copy. */
function onAllHere(turn: Turn, attempt: HeldAttempt): void {
  attempt.pagesToCome = false;
  turn.directives.push({ d: 'accept-arrival', of: keyOf(attempt) });
  const t = headIsAbleTo(turn.state, 'arrivesInSteps') ? 'all-here' : 'arrived';
  say(turn, { t, ...keyOf(attempt) });
}

/** Nothing of it runs any more: now it may be said. */
function onCleared(turn: Turn, attempt: HeldAttempt): void {
  const { stage } = attempt;
  if (stage.at !== 'clearing') return;
  const { then } = stage;
  switch (then.is) {
    case 'wait':
      begin(turn, attempt, then.order);
      return;
    case 'abandon':
      attempt.pagesToCome = false;
      turn.directives.push({ d: 'refuse-arrival', of: keyOf(attempt), reason: then.reason });
      drop(turn, attempt);
      say(turn, { t: 'abandoned', ...keyOf(attempt), reason: then.reason });
      return;
    case 'discarded':
      turn.state.attempts.delete(attemptName(attempt));
      say(turn, { t: 'discarded', ...keyOf(attempt) });
      return;
    case 'report':
      attempt.stage = { at: 'over', report: then.report };
      say(turn, then.report);
  }
}

function endIfEndedEarly(turn: Turn, attempt: HeldAttempt): void {
  if (attempt.endedEarly) onEnded(turn, attempt, attempt.endedEarly);
}

function onEnded(turn: Turn, attempt: HeldAttempt, end: ProgramEnd): void {
  // It needs no more of its memory, wherever that lies.
  if (attempt.pagesToCome) turn.directives.push({ d: 'accept-arrival', of: keyOf(attempt) });
  attempt.pagesToCome = false;
  const ending = endingOf(attempt, end);
  attempt.stage = { at: 'collecting', ending };
  attempt.frozen.clear();
  attempt.killAt = null;
  attempt.wall.runningSince = null;
  if (attempt.work?.kind === 'send') turn.directives.push({ d: 'call-off', of: keyOf(attempt) });
  attempt.work = null;
  collect(turn, attempt, ending);
}

function onSaved(turn: Turn, attempt: HeldAttempt, saved: Saved): void {
  const { work } = attempt;
  if (attempt.stage.at !== 'live' || work?.kind !== 'save') return;
  const suspended = work.then === 'suspend';
  const report: ToHead = {
    t: 'checkpointed',
    ...keyOf(attempt),
    suspended,
    hash: saved.hash,
    size: saved.size,
    takenAt: saved.takenAt,
    log: saved.log,
    cpuSeconds: saved.cpuSeconds,
    freezeMs: saved.freezeMs,
  };
  if (suspended) {
    // It has not run since, and is killed before the head can start it elsewhere.
    clear(turn, attempt, { is: 'report', report });
    attempt.work = null;
    return;
  }
  say(turn, report);
  finishSave(turn, attempt, work.next);
}

function finishSave(
  turn: Turn,
  attempt: HeldAttempt,
  next: Extract<HeldAttempt['work'], { kind: 'save' }>['next'],
): void {
  attempt.work = null;
  thaw(turn, attempt, 'work');
  if (next === null || attempt.ending) return;
  if (next === 'suspend') save(turn, attempt, 'suspend');
  else ship(turn, attempt, next);
}

function onShipped(
  turn: Turn,
  attempt: HeldAttempt,
  outcome: Extract<Outcome, { readonly o: 'shipped' }>,
): void {
  const { work } = attempt;
  if (attempt.stage.at !== 'live' || work?.kind !== 'send') return;
  if (work.calledOff === 'keep') {
    // The head gave it back to us because it gave the target up; what runs there is frozen and will be discarded.
    attempt.work = null;
    thaw(turn, attempt, 'work');
    return;
  }
  const { bytes, freezeMs, totalMs } = outcome;
  drop(turn, attempt);
  say(turn, { t: 'moved', ...keyOf(attempt), toEpoch: work.toEpoch, bytes, freezeMs, totalMs });
}

function onShipFailed(
  turn: Turn,
  attempt: HeldAttempt,
  outcome: 'refused' | 'uncertain',
  reason: string,
): void {
  const { work } = attempt;
  if (attempt.stage.at !== 'live' || work?.kind !== 'send') return;
  if (work.calledOff === 'stop') {
    attempt.work = null;
    terminate(turn, attempt, { by: 'stop' }, millis(0));
    return;
  }
  if (outcome === 'uncertain' && work.calledOff === null) {
    attempt.work = { kind: 'doubt', toEpoch: work.toEpoch };
    freeze(turn, attempt, 'doubt');
    attempt.frozen.delete('work');
  } else {
    attempt.work = null;
    thaw(turn, attempt, 'work');
  }
  if (work.calledOff !== null) return; // the head knows
  say(turn, {
    t: 'move-failed',
    ...keyOf(attempt),
    toEpoch: work.toEpoch,
    outcome: outcome === 'uncertain' ? 'uncertain' : 'thawed',
    reason,
  });
}
