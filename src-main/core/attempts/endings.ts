import { saidReason, type Reason } from '../../../shared/domain/reasons.ts';
import { assertNever } from '../../../shared/base/assert-never.ts';
import { monotonicMillis } from '../../../shared/base/units.ts';
import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { TreeNode } from '../../../shared/domain/tree.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { Ending, ToHead } from '../../../shared/wire/to-head.ts';
import type { Turn } from '../state/turn.ts';
import {
  doubt,
  isUnstartable,
  onMachineFault,
  onQuickExit,
  onRan,
  onWentWell,
  quickMs,
} from '../membership/quarantine.ts';
import type { Spoken } from './spoken-of.ts';
import { cancelTask, dropCheckpoint, forgetTransient, loseAttempt } from './losses.ts';
import { onSourceGone } from './moves.ts';

type Ended = Extract<ToHead, { readonly t: 'ended' }>;

/** How often results that are not here are asked for, before the PC they should have come from is given up. */
const sendAgainLimit = 3;

/**
 * The end of an attempt. Every report is answered with `forget`, stale ones too, or it would be repeated for ever; but
 * not before all it speaks of is on the head's disk, since the member drops the files then.
 */
export function onEnded(
  turn: Turn,
  member: Member,
  message: Ended,
  spoken: Exclude<Spoken, { readonly is: 'incoming' }>,
  absent: ReadonlySet<BlobHash>,
  /** Why, where the message does not know it. */
  known: Reason | null = null,
): void {
  const missing = spoken.is === 'current' && !spoken.job.cancelled ? absent.size : 0;
  const asked = turn.state.transient.askedAgain.get(message.task) ?? 0;
  if (missing > 0 && asked < sendAgainLimit) {
    askAgain(turn, member, message, missing);
    return;
  }
  turn.send(member.id, { t: 'forget', task: message.task, epoch: message.epoch });
  if (spoken.is !== 'current') return;
  const { task, job, attempt } = spoken;
  const ending: Ending = missing === 0 ? message.ending : { cause: 'machine', reason: '' };
  const why = missing === 0 ? (known ?? whyOf(ending)) : neverCame(member, missing);
  const target = attempt.move;
  if (
    target &&
    !isFinal(job, task, ending) &&
    turn.state.transient.moves.get(task.id)?.sent !== false
  ) {
    // It would be placed anew, and may run at its target already: that one says whether it does.
    turn.send(target.to, { t: 'abandon', task: task.id, epoch: target.toEpoch });
    onSourceGone(turn, task);
    return;
  }
  if (target) turn.send(target.to, { t: 'abandon', task: task.id, epoch: target.toEpoch });
  judgePc(turn, member, job, task, ending);
  switch (ending.cause) {
    case 'exit':
      if (job.cancelled) cancelTask(turn, task.id);
      else if (ending.exitCode === 0) {
        turn.emit({
          e: 'task-done',
          task: task.id,
          exitCode: 0,
          outputs: message.outputs,
          ...nodesOf(message),
          log: message.log,
          cpuSeconds: message.cpuSeconds,
        });
        forgetTransient(turn, task);
      } else failOrRetry(turn, member, job, task, message, why, ending.exitCode);
      return;
    case 'stopped':
      if (job.cancelled) cancelTask(turn, task.id);
      else loseAttempt(turn, task, why);
      return;
    case 'limit':
      // Another try would end the same way.
      fail(turn, task, message, why, null);
      return;
    case 'unstartable':
      if (job.cancelled || isUnstartable(turn, member, job, task, ending.reason))
        fail(turn, task, message, why, null);
      else {
        const facts = { pc: member.name, said: ending.reason };
        // A container that was up for a moment has done no work of the program's: nothing is lost.
        loseAttempt(turn, task, { code: 'could-not-start', facts }, member.id, 0);
        doubt(turn, member, task, ending.reason);
      }
      return;
    case 'no-output':
      fail(turn, task, message, why, ending.exitCode);
      return;
    case 'machine':
      onMachineEnding(turn, member, task, why);
      return;
    default:
      assertNever(ending, 'ending');
  }
}

/** What the end of a program says of the PC it ran on. */
function judgePc(turn: Turn, member: Member, job: Job, task: Task, ending: Ending): void {
  if (ending.cause === 'machine' || ending.cause === 'unstartable' || ending.cause === 'stopped')
    return;
  onRan(turn, member.id, task);
  const isFresh = task.attempt?.from === null && turn.wall - task.attempt.placedAt < quickMs;
  if (ending.cause === 'exit' && ending.exitCode !== 0 && isFresh)
    onQuickExit(turn, member, job, task);
  else onWentWell(turn, member, ending.cause === 'exit' && ending.exitCode === 0 ? job : null);
}

const neverCame = (member: Member, missing: number): Reason => ({
  code: 'results-never-came',
  facts: { pc: member.name, files: missing },
});

/** What its member says of it. */
function whyOf(ending: Ending): Reason {
  if (ending.cause === 'exit') return { code: 'exited', facts: { code: ending.exitCode } };
  return ending.cause === 'stopped' ? { code: 'stopped', facts: {} } : saidReason(ending.reason);
}

function askAgain(turn: Turn, member: Member, { task, epoch }: Ended, missing: number): void {
  const { askedAgain, resultsWait } = turn.state.transient;
  askedAgain.set(task, (askedAgain.get(task) ?? 0) + 1);
  resultsWait.set(task, { code: 'results-absent', facts: { files: missing } });
  turn.touched.tasks.add(task);
  turn.send(member.id, { t: 'send-again', task, epoch });
}

/** Whether the task is over with it, and not to be run again. */
function isFinal(job: Job, task: Task, ending: Ended['ending']): boolean {
  if (job.cancelled) return true;
  if (ending.cause === 'exit') return ending.exitCode === 0 || task.failures >= job.spec.retries;
  return ending.cause === 'limit' || ending.cause === 'no-output';
}

/** The program has ended, and what it left finds no place here; its member keeps it and tries again. */
export function onResultsWait(
  turn: Turn,
  message: Extract<ToHead, { readonly t: 'results-wait' }>,
  spoken: Spoken,
): void {
  if (spoken.is !== 'current') return;
  const { resultsWait } = turn.state.transient;
  const before = resultsWait.get(message.task);
  if (before?.code === 'said' && before.facts.text === message.reason) return;
  resultsWait.set(message.task, saidReason(message.reason));
  turn.touched.tasks.add(message.task);
}

/** Left out where there are none, as in logs of before there were any. */
const nodesOf = ({ nodes }: Ended): { readonly outputNodes?: readonly TreeNode[] } =>
  nodes && nodes.length > 0 ? { outputNodes: nodes } : {};

function failOrRetry(
  turn: Turn,
  member: Member,
  job: Job,
  task: Task,
  message: Ended,
  reason: Reason,
  exitCode: number,
): void {
  if (task.failures < job.spec.retries && !job.cancelled) {
    turn.emit({
      e: 'task-retried',
      task: task.id,
      exitCode,
      reason,
      log: message.log,
      avoid: member.id,
    });
    forgetTransient(turn, task);
  } else fail(turn, task, message, reason, exitCode);
}

function fail(
  turn: Turn,
  task: Task,
  message: Ended,
  reason: Reason,
  exitCode: number | null,
): void {
  turn.emit({
    e: 'task-failed',
    task: task.id,
    exitCode,
    reason,
    outputs: message.outputs,
    ...nodesOf(message),
    log: message.log,
    cpuSeconds: message.cpuSeconds,
  });
  forgetTransient(turn, task);
}

/** How often a checkpoint may fail to restore before the older one is tried. */
const badRestoreLimit = 2;
/** The same for the last one there is: only zero is left after it, and the fault may well be the PCs'. */
const lastRestoreLimit = 6;
/** Milliseconds of waiting per failed restore. */
const restorePauseMs = 4000;
/** Machine faults of one task, on whatever PCs, after which it is the task that is at fault. */
const machineFaultLimit = 6;

function onMachineEnding(turn: Turn, member: Member, task: Task, reason: Reason): void {
  const { transient } = turn.state;
  const from = task.attempt?.from;
  if (from && task.attempt?.phase === 'starting') {
    if (!task.checkpoints.some(({ hash }) => hash === from)) {
      // Found damaged on the head's disk while it was handed out: no fault of this PC.
      loseAttempt(turn, task, reason);
      return;
    }
    const failures = (transient.badRestores.get(from) ?? 0) + 1;
    transient.badRestores.set(from, failures);
    loseAttempt(turn, task, reason, member.id);
    transient.placeNotBefore.set(task.id, monotonicMillis(turn.now + failures * restorePauseMs));
    if (failures >= (task.checkpoints.length > 1 ? badRestoreLimit : lastRestoreLimit))
      dropCheckpoint(turn, task, from, reason);
  } else loseAttempt(turn, task, reason, member.id);
  onMachineFault(turn, member.id, task.id, reason);
  if (task.epoch >= machineFaultLimit && task.avoid.length >= machineFaultLimit) {
    turn.emit({
      e: 'task-failed',
      task: task.id,
      exitCode: null,
      reason: { code: 'no-pc-could-run-it', facts: { pcs: task.avoid.length, last: reason } },
      outputs: [],
      log: task.log,
      cpuSeconds: task.cpuSeconds,
    });
  }
}
