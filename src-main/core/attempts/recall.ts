import type { Reason } from '../../../shared/domain/reasons.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { memberIsAbleTo } from '../membership/abilities.ts';
import { isLinked } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import type { Spoken } from './spoken-of.ts';
import { cancelTask, loseAttempt } from './losses.ts';
import { onSourceGone } from './moves.ts';

/**
 * Takes an attempt back whose program did not end. Its member may run it for as long as its lease holds, whether it hears
 * us or not; so the task waits until the member has answered (`discarded`, or an end that crossed our word, or a hello
 * that does not list it) or is lost, and only then is it anybody else's.
 */
export function recallAttempt(turn: Turn, task: Task, reason: Reason): void {
  if (!task.attempt || task.attempt.move || task.attempt.phase === 'recalled') return;
  const { epoch } = task.attempt;
  turn.emit({ e: 'task-recalled', task: task.id, epoch, reason });
  askToDiscard(turn, task);
}

/** Says it to the member; again when a hello shows that it was not heard. */
export function askToDiscard(turn: Turn, task: Task): void {
  if (!task.attempt) return;
  const { machine, epoch } = task.attempt;
  turn.state.transient.recalledAt.set(task.id, turn.now);
  turn.send(machine, { t: 'discard', task: task.id, epoch, confirm: true });
}

/** Heartbeats without an answer after which a recall is repeated. */
const askAgainHeartbeats = 3;

/** Every tick. An agent of an older image does not answer `discard`, but says `abandoned` of what it does not hold. */
export function judgeRecalls(turn: Turn): void {
  const { state, now, timings } = turn;
  for (const id of state.index.active) {
    const task = state.tasks.get(id);
    if (task?.attempt?.phase !== 'recalled') continue;
    const askedAt = state.transient.recalledAt.get(id) ?? -Infinity;
    if (now - askedAt < askAgainHeartbeats * timings.heartbeat) continue;
    const { machine, epoch } = task.attempt;
    const member = state.members.get(machine);
    if (!isLinked(state, member)) continue;
    askToDiscard(turn, task);
    if (!memberIsAbleTo(state, member, 'confirmsDiscards'))
      turn.send(machine, { t: 'abandon', task: id, epoch });
  }
}

/** Nothing of the attempt runs at that member any more. */
export function onDiscarded(turn: Turn, member: Member, spoken: Spoken): void {
  if (spoken.is !== 'current') return;
  const { task, attempt } = spoken;
  if (attempt.move) onSourceGone(turn, task);
  else if (attempt.phase === 'stopping') cancelTask(turn, task.id);
  else loseAttempt(turn, task, { code: 'pc-has-it-no-more', facts: { pc: member.name } });
}
