import { assertNever } from '../../../shared/base/assert-never.ts';
import { bytes } from '../../../shared/base/units.ts';
import type { AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { BlobHash, MemberId } from '../../../shared/domain/ids.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { Reason } from '../../../shared/domain/reasons.ts';
import type { AttemptReport } from '../../../shared/wire/task-spec.ts';
import type { Ending, ToHead } from '../../../shared/wire/to-head.ts';
import { onEnded, onResultsWait } from '../attempts/endings.ts';
import { onAbandoned, onArrived, onExpecting, onMoved, onMoveFailed } from '../attempts/moves.ts';
import { onDiscarded } from '../attempts/recall.ts';
import { settleReport, settleUnreported } from '../attempts/reconcile.ts';
import { onCheckpointed, onCheckpointFailed } from '../attempts/saves.ts';
import { spokenOf, type Spoken } from '../attempts/spoken-of.ts';
import { usageOf, type LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';

/**
 * Whatever a member says about an attempt is heard here: which attempt it speaks of is asked once, of the state as it is
 * when that word's turn comes, and handed down with it. No other file asks (an architecture test).
 */
const attemptMeant = (state: LabState, member: MemberId, of: AttemptKey): Spoken =>
  spokenOf(state, member, of.task, of.epoch);

/** Nothing that the member says of that attempt changes anything any more. */
export const isStale = (state: LabState, member: MemberId, of: AttemptKey): boolean =>
  attemptMeant(state, member, of).is === 'stale';

type About<Kind extends ToHead['t']> = Extract<ToHead, { readonly t: Kind }>;
export type AboutAttempt = Exclude<
  Extract<ToHead, AttemptKey>,
  { readonly t: 'log-piece' | 'usage' }
>;

/** Returns whether something may follow for others from what was said. */
export function hearOfAttempt(
  turn: Turn,
  member: Member,
  message: AboutAttempt,
  absent: ReadonlySet<BlobHash>,
): boolean {
  if (message.t === 'ended') {
    hearEnd(turn, member, message, absent);
    return true;
  }
  const spoken = attemptMeant(turn.state, member.id, message);
  switch (message.t) {
    case 'started':
      onStarted(turn, member, message, spoken);
      return true;
    case 'results-wait':
      onResultsWait(turn, message, spoken);
      return false;
    case 'checkpointed':
      onCheckpointed(turn, member, message, spoken, absent);
      return true;
    case 'checkpoint-failed':
      onCheckpointFailed(turn, member, message.reason, spoken);
      return true;
    case 'expecting':
      onExpecting(turn, member, message, spoken);
      return false;
    case 'arrived':
    case 'all-here':
      onArrived(turn, member, message, spoken);
      return true;
    case 'moved':
      onMoved(turn, member, message, spoken);
      return true;
    case 'move-failed':
      onMoveFailed(turn, member, message, spoken);
      return true;
    // Of one that it does not hold: as if its hello had left it out.
    case 'unknown-attempt':
    case 'abandoned':
      if (spoken.is === 'incoming')
        onAbandoned(turn, member, spoken.task, 'reason' in message ? message.reason : undefined);
      else onDiscarded(turn, member, spoken);
      return true;
    case 'discarded':
      onDiscarded(turn, member, spoken);
      return true;
    default:
      return assertNever(message, 'message');
  }
}

function onStarted(
  turn: Turn,
  member: Member,
  { task, epoch, resumed }: About<'started'>,
  spoken: Spoken,
): void {
  if (spoken.is === 'stale') turn.send(member.id, { t: 'discard', task, epoch });
  if (spoken.is !== 'current' || spoken.attempt.phase !== 'starting') return;
  turn.emit({ e: 'task-started', task, epoch, resumed });
  turn.state.transient.quietSince.set(task, turn.now);
}

/**
 * A hello lists every attempt the member holds; whatever was said and lost with an earlier link is settled here.
 * After it the head and the member agree on every attempt of that member.
 */
export function reconcile(turn: Turn, member: Member, reports: readonly AttemptReport[]): void {
  for (const report of reports)
    settleReport(turn, member, report, attemptMeant(turn.state, member.id, report));
  settleUnreported(turn, member, reports);
}

export function hearUsage(turn: Turn, member: Member, message: About<'usage'>): void {
  for (const usage of message.of) {
    const spoken = attemptMeant(turn.state, member.id, usage);
    if (spoken.is !== 'current') continue;
    const { cpuSeconds } = usageOf(turn.state, spoken.task);
    turn.state.transient.usage.set(spoken.task.id, {
      cpuSeconds: Math.max(cpuSeconds, usage.cpuSeconds),
      memory: bytes(usage.memory),
    });
  }
}

function hearEnd(
  turn: Turn,
  member: Member,
  report: About<'ended'>,
  absent: ReadonlySet<BlobHash>,
  known: Reason | null = null,
): void {
  let spoken = attemptMeant(turn.state, member.id, report);
  if (spoken.is === 'incoming') {
    // It ended so quickly after its arrival that the arrival was never heard of.
    onArrived(turn, member, report, spoken);
    spoken = attemptMeant(turn.state, member.id, report);
  }
  // The source has yet to confirm that it let the task go; the report is heard when it has.
  if (spoken.is === 'incoming')
    turn.state.transient.endedEarly.set(report.task, { member: member.id, report, absent });
  else onEnded(turn, member, report, spoken, absent, known);
}

/** Reports of programs that ended at their target before their source had let them go. */
export function hearEndings(turn: Turn): void {
  for (const [id, { member: from, report, absent }] of turn.state.transient.endedEarly) {
    const member = turn.state.members.get(from);
    if (attemptMeant(turn.state, from, report).is === 'incoming') continue;
    turn.state.transient.endedEarly.delete(id);
    if (member) hearEnd(turn, member, report, absent);
  }
}

/**
 * A member tells an end in a way that is not understood. Once may be a mishap; the second time the attempt is over
 * and has failed, or it would be told for ever.
 */
export function onBadReport(
  turn: Turn,
  member: Member,
  { task: id, epoch }: AttemptKey,
  reason: string,
): void {
  const spoken = attemptMeant(turn.state, member.id, { task: id, epoch });
  const { askedAgain } = turn.state.transient;
  const asked = askedAgain.get(id) ?? 0;
  if (spoken.is === 'current' && !spoken.job.cancelled && asked === 0) {
    askedAgain.set(id, 1);
    turn.send(member.id, { t: 'send-again', task: id, epoch });
    return;
  }
  const ending: Ending = { cause: 'limit', reason };
  const told = { t: 'ended', task: id, epoch, ending, outputs: [], log: null } as const;
  const cpuSeconds = spoken.is === 'current' ? spoken.task.cpuSeconds : 0;
  hearEnd(turn, member, { ...told, outputs: [], cpuSeconds }, new Set(), {
    code: 'end-not-understood',
    facts: { pc: member.name, fault: reason },
  });
}
