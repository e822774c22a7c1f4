import { epoch, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import type { Turn } from '../lab/turn.ts';
import { spokenOf } from './attempt-of.ts';
import { loseAttempt } from './losses.ts';
import { taskSpecOf } from './task-spec-of.ts';

/**
 * A move: the target is told to expect (`expect` → `expecting`), the source is told to send, freezes the task and sends
 * it; the target restores it and says `arrived`, the source drops its frozen copy and says `moved`. The source thaws by
 * itself only while the target cannot have everything. In every other doubt it stays frozen and asks, and the head
 * asks the target: `abandoned` gives the task back to the source, `arrived` ends it there. So at no instant may both run.
 */
export function beginMove(turn: Turn, job: Job, task: Task, to: Member, because: string): void {
  if (task.attempt?.phase !== 'running') return;
  const toEpoch = epoch(task.epoch + 1);
  const from = task.attempt.machine;
  const ticket = turn.rng.token(16);
  turn.emit({ e: 'task-move-begun', task: task.id, to: to.id, toEpoch, because });
  turn.state.transient.moves.set(task.id, { ticket, since: turn.now, sent: false, askedAt: null });
  turn.send(to.id, {
    t: 'expect',
    task: task.id,
    epoch: toEpoch,
    spec: taskSpecOf(job, task),
    ticket,
    from,
  });
}

type About<Kind extends ToHead['t']> = Extract<ToHead, { readonly t: Kind }>;

export function onExpecting(turn: Turn, member: Member, message: About<'expecting'>): void {
  const spoken = spokenOf(turn.state, member.id, message.task, message.epoch);
  const doing = turn.state.transient.moves.get(message.task);
  if (spoken.is !== 'incoming' || !doing || doing.sent) return;
  doing.sent = true;
  turn.send(spoken.attempt.machine, {
    t: 'send',
    task: message.task,
    epoch: spoken.attempt.epoch,
    toEpoch: message.epoch,
    to: {
      id: member.id,
      name: member.name,
      address: member.facts.address,
      port: member.facts.transferPort,
    },
    ticket: doing.ticket,
  });
}

/** Seconds the source has to say `moved` after the target said `arrived`, before it is told to drop its copy. */
const departureGraceMs = 10_000;

export function onArrived(
  turn: Turn,
  member: Member,
  message: { readonly task: TaskId; readonly epoch: number },
): void {
  const spoken = spokenOf(turn.state, member.id, message.task, epoch(message.epoch));
  if (spoken.is === 'stale') {
    turn.send(member.id, { t: 'discard', task: message.task, epoch: epoch(message.epoch) });
    return;
  }
  if (spoken.is !== 'incoming') return;
  const { transient } = turn.state;
  transient.departing.set(message.task, {
    member: spoken.attempt.machine,
    epoch: spoken.attempt.epoch,
    since: turn.now,
  });
  completeMove(turn, spoken.task, epoch(message.epoch));
}

function completeMove(turn: Turn, task: Task, toEpoch: Task['epoch']): void {
  turn.emit({ e: 'task-moved', task: task.id, toEpoch });
  turn.state.transient.moves.delete(task.id);
  turn.state.transient.saving.delete(task.id);
  // What was unsaved stays unsaved: a move copies the state but puts it on no disk.
}

/** The source confirms and brings the figures; it may be heard before the target. */
export function onMoved(turn: Turn, member: Member, message: About<'moved'>): void {
  const { transient, tasks } = turn.state;
  const spoken = spokenOf(turn.state, member.id, message.task, message.epoch);
  if (spoken.is === 'current' && spoken.attempt.move?.toEpoch === message.toEpoch)
    completeMove(turn, spoken.task, message.toEpoch);
  const departing = transient.departing.get(message.task);
  if (departing?.member === member.id && departing.epoch === message.epoch)
    transient.departing.delete(message.task);
  const task = tasks.get(message.task);
  const migration = task?.migrations.findLast(
    (candidate) => candidate.from === member.id && candidate.totalMs === 0,
  );
  if (task && migration) {
    turn.emit({
      e: 'task-move-measured',
      task: task.id,
      to: migration.to,
      bytes: message.bytes,
      freezeMs: message.freezeMs,
      totalMs: message.totalMs,
    });
  }
}

export function onMoveFailed(turn: Turn, member: Member, message: About<'move-failed'>): void {
  const spoken = spokenOf(turn.state, member.id, message.task, message.epoch);
  if (spoken.is !== 'current' || spoken.attempt.move?.toEpoch !== message.toEpoch) {
    // The task lives elsewhere by now (`arrived` was heard), or the whole move is forgotten.
    if (spoken.is === 'current')
      turn.send(member.id, { t: 'keep', task: message.task, epoch: message.epoch });
    else turn.send(member.id, { t: 'discard', task: message.task, epoch: message.epoch });
    return;
  }
  const { move } = spoken.attempt;
  turn.send(move.to, { t: 'abandon', task: message.task, epoch: message.toEpoch });
  if (message.outcome === 'thawed') endMove(turn, spoken.task, message.reason);
  else askTarget(turn, message.task);
}

/** The target has given the arriving attempt up (or never had it): the source goes on. */
export function onAbandoned(
  turn: Turn,
  member: Member,
  message: { readonly task: TaskId; readonly epoch: number; readonly reason?: string | undefined },
): void {
  const spoken = spokenOf(turn.state, member.id, message.task, epoch(message.epoch));
  if (spoken.is !== 'incoming') return;
  giveBack(
    turn,
    spoken.task,
    `${member.name} could not take it${message.reason ? ` (${message.reason})` : ''}`,
  );
}

/** The move is over without success; the source, if it is still there, thaws the task. */
function giveBack(turn: Turn, task: Task, reason: string): void {
  const source = task.attempt && turn.state.members.get(task.attempt.machine);
  if (!task.attempt || !source) return;
  const { epoch: number } = task.attempt;
  endMove(turn, task, reason);
  if (source.state === 'lost' || source.state === 'released')
    loseAttempt(turn, task, `${source.name} was lost while the task was leaving it`);
  else turn.send(source.id, { t: 'keep', task: task.id, epoch: number });
}

function endMove(turn: Turn, task: Task, reason: string): void {
  const to = task.attempt?.move?.to;
  if (!to) return;
  turn.emit({ e: 'task-move-failed', task: task.id, to, reason });
  turn.state.transient.moves.delete(task.id);
  turn.state.transient.moveNotBefore.set(
    task.id,
    (turn.now + 3 * turn.timings.lostAfter) as Turn['now'],
  );
}

function askTarget(turn: Turn, id: TaskId): void {
  const doing = turn.state.transient.moves.get(id) ?? {
    ticket: '',
    since: turn.now,
    sent: true,
    askedAt: null,
  };
  turn.state.transient.moves.set(id, { ...doing, askedAt: turn.now });
}

/** Every tick: moves whose target or source is gone, or that take too long, are settled by asking who has the task. */
export function judgeMoves(turn: Turn): void {
  const { state } = turn;
  for (const id of state.index.active) {
    const task = state.tasks.get(id);
    const move = task?.attempt?.move;
    if (!task?.attempt || !move) continue;
    const source = state.members.get(task.attempt.machine);
    const target = state.members.get(move.to);
    const doing = state.transient.moves.get(id);
    if (!doing) askTarget(turn, id);
    if (!target || target.state === 'lost' || target.state === 'released') {
      giveBack(turn, task, `${target?.name ?? move.to} was lost`);
      continue;
    }
    const overdue = doing ? turn.now - doing.since > turn.timings.moveTimeout : true;
    const doubt =
      source?.state === 'lost' ||
      source?.state === 'released' ||
      overdue ||
      doing?.askedAt !== null;
    const askAgain =
      !doing || doing.askedAt === null || turn.now - doing.askedAt > 3 * turn.timings.heartbeat;
    if (doubt && askAgain && target.linked) {
      askTarget(turn, id);
      turn.send(target.id, { t: 'abandon', task: id, epoch: move.toEpoch });
    }
  }
  for (const [id, departing] of state.transient.departing) {
    if (turn.now - departing.since < departureGraceMs) continue;
    state.transient.departing.delete(id);
    turn.send(departing.member, { t: 'discard', task: id, epoch: epoch(departing.epoch) });
  }
}

/** A member is lost: what was moving to it goes back, what was leaving it is asked for at its target by `judgeMoves`. */
export function onMemberGone(turn: Turn, member: Member, reason: string): void {
  for (const id of [...(turn.state.index.on.get(member.id) ?? [])]) {
    const task = turn.state.tasks.get(id);
    if (!task?.attempt) continue;
    const { move } = task.attempt;
    if (move?.to === member.id) giveBack(turn, task, reason);
    else if (!move) loseAttempt(turn, task, reason);
    else askTarget(turn, id);
  }
}
