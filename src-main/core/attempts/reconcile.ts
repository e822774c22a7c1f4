import type { Epoch, TaskId } from '../../../shared/domain/ids.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { AttemptReport } from '../../../shared/wire/task-spec.ts';
import type { Turn } from '../state/turn.ts';
import type { Spoken } from './spoken-of.ts';
import { blame, clearOfBlame } from './breakages.ts';
import { loseAttempt } from './losses.ts';
import { onAbandoned, onArrived, onMoveFailed, onSourceGone, sendAnew } from './moves.ts';
import { askToDiscard } from './recall.ts';

/** Of a hello, after its reports: attempts that the head believes to be there and the member does not hold. */
export function settleUnreported(
  turn: Turn,
  member: Member,
  reports: readonly AttemptReport[],
): void {
  const held = new Map<TaskId, AttemptReport[]>();
  for (const report of reports) held.set(report.task, [...(held.get(report.task) ?? []), report]);
  for (const id of [...(turn.state.index.on.get(member.id) ?? [])]) {
    const task = turn.state.tasks.get(id);
    if (!task?.attempt) continue;
    const has = (epoch: Epoch): boolean =>
      held.get(id)?.some((report) => report.epoch === epoch) ?? false;
    const { attempt } = task;
    if (attempt.move?.to === member.id && !has(attempt.move.toEpoch))
      onAbandoned(turn, member, task);
    else if (attempt.machine === member.id && !has(attempt.epoch)) {
      // Gone while leaving: it may well run at its target; `judgeMoves` asks there.
      if (attempt.move) onSourceGone(turn, task);
      else {
        const ran = attempt.phase === 'running' || attempt.phase === 'checkpointing';
        loseAttempt(turn, task, { code: 'pc-started-anew', facts: { pc: member.name } });
        if (ran) blame(turn, member, task);
      }
    }
  }
}

/** Of a hello: an attempt that the member holds. */
export function settleReport(
  turn: Turn,
  member: Member,
  report: AttemptReport,
  spoken: Spoken,
): void {
  clearOfBlame(turn, member, turn.state.tasks.get(report.task));
  if (report.state === 'ended') return; // its report follows
  if (spoken.is === 'stale') {
    turn.send(member.id, { t: 'discard', task: report.task, epoch: report.epoch });
    return;
  }
  if (spoken.is === 'incoming') {
    if (report.state === 'running' || report.state === 'frozen')
      onArrived(turn, member, report, spoken);
    return;
  }
  const { attempt, task } = spoken;
  turn.state.transient.saving.delete(task.id);
  if (attempt.phase === 'recalled') {
    askToDiscard(turn, task);
    return;
  }
  if (attempt.phase === 'stopping') {
    turn.send(member.id, { t: 'stop', task: task.id, epoch: attempt.epoch, graceMs: 0 });
    return;
  }
  if (attempt.move && report.state === 'frozen' && sendAnew(turn, task)) return;
  if (attempt.move && report.state !== 'leaving') {
    const outcome = report.state === 'uncertain' ? 'uncertain' : 'thawed';
    const failed = {
      t: 'move-failed',
      task: task.id,
      epoch: attempt.epoch,
      toEpoch: attempt.move.toEpoch,
      outcome,
      reason: '',
    } as const;
    onMoveFailed(turn, member, failed, spoken, { code: 'connection-lost', facts: {} });
    return;
  }
  if (!attempt.move && (report.state === 'uncertain' || report.state === 'leaving'))
    turn.send(member.id, { t: 'keep', task: task.id, epoch: attempt.epoch });
  if (attempt.phase === 'starting' && report.state === 'running') {
    turn.emit({
      e: 'task-started',
      task: task.id,
      epoch: attempt.epoch,
      resumed: attempt.from !== null,
    });
  }
}
