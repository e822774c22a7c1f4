import { saidReason, type Reason } from '../../../shared/domain/reasons.ts';
import { epoch, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import { memberIsAbleTo } from '../membership/abilities.ts';
import { isLinked, type MoveFigures, type MoveUnderWay } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import type { Spoken } from './spoken-of.ts';
import { blame, mayHaveBroken, noteFailedMove, tasksThatFailedToCome } from './breakages.ts';
import { loseAttempt } from './losses.ts';
import { taskSpecOf } from './task-spec-of.ts';

/**
 * A move: the target is told to expect (`expect` → `expecting`), the source is told to send, freezes the task and sends
 * it; the target restores it and says `arrived`, the source drops its frozen copy and says `moved`. The source thaws by
 * itself only while the target cannot have everything. In every other doubt it stays frozen and asks, and the head
 * asks the target: `abandoned` gives the task back to the source, `arrived` ends it there. So at no instant may both run.
 *
 * The target's word alone moves nothing: the task is its own only when the source has confirmed that it let it go (by
 * `moved`, by `discarded`, by a hello that does not list it) or its lease is over; and not at all before the source
 * was told to send.
 */
export function beginMove(turn: Turn, job: Job, task: Task, to: Member, because: Reason): void {
  if (task.attempt?.phase !== 'running') return;
  const toEpoch = epoch(task.epoch + 1);
  const from = task.attempt.machine;
  const ticket = turn.rng.token(16);
  turn.emit({ e: 'task-move-begun', task: task.id, to: to.id, toEpoch, because });
  turn.state.transient.moves.set(task.id, { ...moveOf(turn, ticket), sent: false });
  turn.send(to.id, {
    t: 'expect',
    task: task.id,
    epoch: toEpoch,
    spec: taskSpecOf(job, task),
    ticket,
    from,
  });
}

const moveOf = (turn: Turn, ticket = ''): MoveUnderWay => ({
  ticket,
  since: turn.now,
  sent: true,
  askedAt: null,
  runsThereAt: null,
  arrivedAt: null,
  figures: null,
  sourceGone: false,
  toldSourceAt: null,
});

/** After a restart of the head nothing is known of a move but that it was begun. */
function doingOf(turn: Turn, id: TaskId): MoveUnderWay {
  const { moves } = turn.state.transient;
  const doing = moves.get(id) ?? moveOf(turn);
  moves.set(id, doing);
  return doing;
}

type About<Kind extends ToHead['t']> = Extract<ToHead, { readonly t: Kind }>;

export function onExpecting(
  turn: Turn,
  member: Member,
  message: About<'expecting'>,
  spoken: Spoken,
): void {
  const doing = turn.state.transient.moves.get(message.task);
  if (spoken.is !== 'incoming' || !doing || doing.sent) return;
  doing.sent = true;
  orderSend(turn, spoken.task, member, doing.ticket);
}

function orderSend(turn: Turn, task: Task, target: Member, ticket: string): void {
  const { attempt } = task;
  if (!attempt?.move) return;
  turn.send(attempt.machine, {
    t: 'send',
    task: task.id,
    epoch: attempt.epoch,
    toEpoch: attempt.move.toEpoch,
    to: {
      id: target.id,
      name: target.name,
      address: target.facts.address,
      port: target.facts.transferPort,
    },
    ticket,
  });
}

/**
 * The source holds the task frozen and does not know of the move any more: its agent was started anew while it sent, or
 * before it heard of it. It would thaw with its next lease, and the target may have everything. So before that it is told
 * to send again, which keeps it frozen until the target has answered; or to drop its copy, if the target has it.
 */
export function sendAnew(turn: Turn, task: Task): boolean {
  const target = turn.state.members.get(task.attempt?.move?.to as Member['id']);
  const doing = doingOf(turn, task.id);
  if (!doing.sent) return false;
  if (doing.arrivedAt !== null) tellSource(turn, task);
  else if (isLinked(turn.state, target)) orderSend(turn, task, target, doing.ticket);
  else return false;
  return true;
}

/** Milliseconds the source has to say `moved` after the target said `arrived`, before it is told to drop its copy. */
const departureGraceMs = 10_000;

export function onArrived(
  turn: Turn,
  member: Member,
  message: { readonly task: TaskId; readonly epoch: number; readonly whole?: boolean | undefined },
  spoken: Spoken,
): void {
  if (spoken.is === 'stale') {
    turn.send(member.id, { t: 'discard', task: message.task, epoch: epoch(message.epoch) });
    return;
  }
  if (spoken.is !== 'incoming') return;
  const doing = doingOf(turn, message.task);
  if (!doing.sent) {
    // Nothing was sent to it: whatever it holds is not this task, which runs at its source as ever.
    turn.send(member.id, { t: 'discard', task: message.task, epoch: epoch(message.epoch) });
    endMove(turn, spoken.task, { code: 'had-it-too-soon', facts: { pc: member.name } });
    return;
  }
  // It runs there, but what it may still fetch lies at the source, which stays until `all-here`; is the target lost before,
  // the task goes on at the source from where it left.
  if (message.whole === false) {
    doing.runsThereAt ??= turn.now;
    return;
  }
  doing.arrivedAt ??= turn.now;
  completeIfSettled(turn, spoken.task);
}

/** The source holds it no more: it said so, or its hello did not list it. */
export function onSourceGone(turn: Turn, task: Task): void {
  const doing = doingOf(turn, task.id);
  doing.sourceGone = true;
  if (doing.arrivedAt === null) askTarget(turn, task.id);
  completeIfSettled(turn, task);
}

function completeIfSettled(turn: Turn, task: Task): void {
  const move = task.attempt?.move;
  const source = task.attempt && turn.state.members.get(task.attempt.machine);
  const doing = turn.state.transient.moves.get(task.id);
  if (!move || !doing || doing.arrivedAt === null) return;
  const isOver = !source || source.state === 'lost' || source.state === 'released';
  if (doing.sourceGone || isOver) completeMove(turn, task, move.toEpoch);
}

function completeMove(turn: Turn, task: Task, toEpoch: Task['epoch']): void {
  const figures = turn.state.transient.moves.get(task.id)?.figures;
  const source = task.attempt?.machine;
  turn.emit({ e: 'task-moved', task: task.id, toEpoch });
  if (figures && source !== undefined) measureMove(turn, task.id, source, figures);
  turn.state.transient.moves.delete(task.id);
  turn.state.transient.saving.delete(task.id);
  // What was unsaved stays unsaved: a move copies the state but puts it on no disk.
}

/**
 * The source has let it go and brings the figures; it may be heard before the target. A source that lets go before the
 * target has said that it has all is taken at its word, but the target is asked whether it can do without.
 */
export function onMoved(turn: Turn, member: Member, message: About<'moved'>, spoken: Spoken): void {
  const { bytes, freezeMs, totalMs } = message;
  if (spoken.is === 'current' && spoken.attempt.move?.toEpoch === message.toEpoch) {
    const doing = doingOf(turn, message.task);
    doing.figures = { bytes, freezeMs, totalMs };
    if (doing.runsThereAt !== null && doing.arrivedAt === null) onSourceGone(turn, spoken.task);
    else completeMove(turn, spoken.task, message.toEpoch);
  } else measureMove(turn, message.task, member.id, { bytes, freezeMs, totalMs });
}

/** Notes what the last move from there took, if nobody has said it yet. */
function measureMove(turn: Turn, id: TaskId, from: Member['id'], figures: MoveFigures): void {
  const migration = turn.state.tasks
    .get(id)
    ?.migrations.findLast((candidate) => candidate.from === from && candidate.totalMs === 0);
  if (migration) turn.emit({ e: 'task-move-measured', task: id, to: migration.to, ...figures });
}

export function onMoveFailed(
  turn: Turn,
  member: Member,
  message: About<'move-failed'>,
  spoken: Spoken,
  because: Reason = saidReason(message.reason),
): void {
  if (spoken.is !== 'current' || spoken.attempt.move?.toEpoch !== message.toEpoch) {
    // The task lives elsewhere by now (`arrived` was heard), or the whole move is forgotten.
    if (spoken.is === 'current')
      turn.send(member.id, { t: 'keep', task: message.task, epoch: message.epoch });
    else turn.send(member.id, { t: 'discard', task: message.task, epoch: message.epoch });
    return;
  }
  const { move } = spoken.attempt;
  const arrived = turn.state.transient.moves.get(message.task)?.arrivedAt ?? null;
  if (message.outcome === 'thawed' || arrived === null)
    turn.send(move.to, { t: 'abandon', task: message.task, epoch: message.toEpoch });
  if (message.outcome === 'thawed') endMove(turn, spoken.task, because);
  else if (arrived === null) askTarget(turn, message.task);
  else tellSource(turn, spoken.task);
}

/** The target has given the arriving attempt up (or never had it): the source goes on. */
export function onAbandoned(turn: Turn, member: Member, task: Task, said = ''): void {
  giveBack(turn, task, {
    code: 'could-not-take',
    facts: { pc: member.name, said: said === '' ? null : said },
  });
}

/** The move is over without success; the source, if it is still there, thaws the task. */
function giveBack(turn: Turn, task: Task, reason: Reason): void {
  const source = task.attempt && turn.state.members.get(task.attempt.machine);
  if (!task.attempt || !source) return;
  const { epoch: number } = task.attempt;
  const isGone = turn.state.transient.moves.get(task.id)?.sourceGone === true;
  endMove(turn, task, reason);
  if (isGone) loseAttempt(turn, task, reason);
  else if (source.state === 'lost' || source.state === 'released')
    loseAttempt(turn, task, { code: 'pc-lost-while-leaving', facts: { pc: source.name } });
  else turn.send(source.id, { t: 'keep', task: task.id, epoch: number });
}

function endMove(turn: Turn, task: Task, reason: Reason): void {
  const to = task.attempt?.move?.to;
  if (!to) return;
  noteFailedMove(turn, task, to);
  turn.emit({ e: 'task-move-failed', task: task.id, to, reason });
  turn.state.transient.moves.delete(task.id);
  turn.state.transient.moveNotBefore.set(
    task.id,
    (turn.now + 3 * turn.timings.lostAfter) as Turn['now'],
  );
}

function askTarget(turn: Turn, id: TaskId): void {
  doingOf(turn, id).askedAt = turn.now;
}

/** The task runs at its target, and its source has not confirmed that it let it go. */
function tellSource(turn: Turn, task: Task): void {
  if (!task.attempt) return;
  doingOf(turn, task.id).toldSourceAt = turn.now;
  const { machine, epoch: number } = task.attempt;
  turn.send(machine, { t: 'discard', task: task.id, epoch: number, confirm: true });
  const source = turn.state.members.get(machine);
  // The first members answer this one only.
  if (!memberIsAbleTo(turn.state, source, 'confirmsDiscards'))
    turn.send(machine, { t: 'abandon', task: task.id, epoch: number });
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
    const isNews = !state.transient.moves.has(id);
    const doing = doingOf(turn, id);
    if (!target || target.state === 'lost' || target.state === 'released') {
      giveBack(turn, task, { code: 'pc-lost', facts: { pc: target?.name ?? move.to } });
      continue;
    }
    const isSourceOver = source?.state === 'lost' || source?.state === 'released';
    const again = 3 * turn.timings.heartbeat;
    if (doing.arrivedAt !== null) {
      completeIfSettled(turn, task);
      const isLate = turn.now - doing.arrivedAt > departureGraceMs;
      if (isLate && isLinked(turn.state, source) && turn.now - (doing.toldSourceAt ?? 0) > again)
        tellSource(turn, task);
      continue;
    }
    // Its pages take the time they take, while both are here: asked to abandon it the target would give up what it has done.
    const isComing = doing.runsThereAt !== null && !isSourceOver && !doing.sourceGone;
    const doubt =
      !isComing &&
      (isNews ||
        isSourceOver ||
        doing.askedAt !== null ||
        turn.now - doing.since > turn.timings.moveTimeout);
    const isDue = doing.askedAt === null || turn.now - doing.askedAt > again;
    if (doubt && isDue && isLinked(turn.state, target)) {
      askTarget(turn, id);
      turn.send(target.id, { t: 'abandon', task: id, epoch: move.toEpoch });
    }
  }
}

/** A member is lost: what was moving to it goes back, what was leaving it is asked for at its target by `judgeMoves`. */
export function onMemberGone(turn: Turn, member: Member, reason: Reason): void {
  const { state } = turn;
  for (const id of [...(state.index.on.get(member.id) ?? [])]) {
    const task = state.tasks.get(id);
    const job = task && state.jobs.get(task.job);
    if (!task?.attempt || !job) continue;
    const { move } = task.attempt;
    const isItsDoing = !move && mayHaveBroken(turn, member, job, task.attempt);
    if (move?.to === member.id) giveBack(turn, task, reason);
    else if (!move) loseAttempt(turn, task, reason);
    else {
      // Its copy is frozen: it may go on with it when it is back, if the target never had it all.
      if (state.transient.moves.get(id)?.arrivedAt == null) askTarget(turn, id);
      completeIfSettled(turn, task);
    }
    if (isItsDoing) blame(turn, member, task);
  }
  for (const task of tasksThatFailedToCome(turn, member)) blame(turn, member, task);
}
