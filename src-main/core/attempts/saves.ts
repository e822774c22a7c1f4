import { saidReason, type Reason } from '../../../shared/domain/reasons.ts';
import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { epochMillis, monotonicMillis } from '../../../shared/base/units.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import { isLinked } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import type { Spoken } from './spoken-of.ts';
import { doneMsAt, dropCheckpoint, forgetTransient, loseAttempt } from './losses.ts';

type About<Kind extends ToHead['t']> = Extract<ToHead, { readonly t: Kind }>;

/** Saves at the same time: more would only share one uplink and freeze more programs at once. */
export const savesPerMember = 2;
export const periodicSavesPerLab = 4;

/** Asks the member to save the task; idempotent. A save that goes on is turned into a suspend. */
export function askToSave(turn: Turn, task: Task, then: 'continue' | 'suspend'): void {
  if (task.attempt?.phase !== 'running') return;
  const { transient } = turn.state;
  const under = transient.saving.get(task.id);
  if (under && (under.then === then || under.then === 'suspend')) return;
  if ((transient.saveNotBefore.get(task.id) ?? 0) > turn.now) return;
  transient.saving.set(task.id, { then, since: turn.now });
  turn.touched.tasks.add(task.id);
  turn.send(task.attempt.machine, {
    t: 'checkpoint',
    task: task.id,
    epoch: task.attempt.epoch,
    then,
  });
}

export function savesOn(turn: Turn, member: Member): number {
  let count = 0;
  for (const id of turn.state.index.on.get(member.id) ?? [])
    if (turn.state.transient.saving.has(id)) count += 1;
  return count;
}

/**
 * When a task is due: every `checkpointEvery` of running. The first one comes between half and a whole period, by the
 * task's own number, so that a hundred tasks that start together are not saved together.
 */
export function saveDueAt(turn: Pick<Turn, 'state' | 'timings' | 'now'>, task: Task): number {
  const since = turn.state.transient.quietSince.get(task.id) ?? turn.now;
  const every = turn.timings.checkpointEvery;
  if (task.checkpoints.length > 0) return since + every;
  const spread = ((Number(task.job) * 31 + task.index) * 0.618_033_988_7) % 1;
  return since + every * (0.5 + spread / 2);
}

export function savePeriodically(turn: Turn): void {
  const { state } = turn;
  let under = state.transient.saving.size;
  const due: { task: Task; at: number }[] = [];
  for (const id of state.index.active) {
    const task = state.tasks.get(id);
    if (task?.attempt?.phase !== 'running') continue;
    const saving = state.transient.saving.get(id);
    // An answer that never came: the link broke in between, or the member forgot. Ask again.
    if (saving && turn.now - saving.since > turn.timings.moveTimeout)
      state.transient.saving.delete(id);
    if (saving) continue;
    if (!state.transient.quietSince.has(id)) state.transient.quietSince.set(id, turn.now);
    const at = saveDueAt(turn, task);
    const member = state.members.get(task.attempt.machine);
    if (at <= turn.now && isLinked(state, member) && member.state === 'ready')
      due.push({ task, at });
  }
  due.sort((a, b) => a.at - b.at);
  for (const { task } of due) {
    if (under >= periodicSavesPerLab) return;
    const member = task.attempt && state.members.get(task.attempt.machine);
    if (!member || savesOn(turn, member) >= savesPerMember) continue;
    askToSave(turn, task, 'continue');
    if (state.transient.saving.has(task.id)) under += 1;
  }
}

/**
 * A checkpoint that is not on the head's disk is none, whoever says so: it pushes out no other. Without the log that
 * was sent with it the checkpoint still counts, since the state carries the output, too.
 */
export function onCheckpointed(
  turn: Turn,
  member: Member,
  message: About<'checkpointed'>,
  spoken: Spoken,
  absent: ReadonlySet<BlobHash>,
): void {
  if (message.suspended)
    turn.send(member.id, { t: 'forget', task: message.task, epoch: message.epoch });
  if (spoken.is !== 'current') return;
  if (absent.has(message.hash)) {
    const reason: Reason = { code: 'state-not-here', facts: { pc: member.name } };
    if (!message.suspended) {
      saveFailed(turn, member, spoken.task, reason);
      return;
    }
    // It runs there no more, and nothing came: as if the PC had been lost.
    const { move } = spoken.attempt;
    if (move) turn.send(move.to, { t: 'abandon', task: message.task, epoch: move.toEpoch });
    loseAttempt(turn, spoken.task, reason);
    return;
  }
  const { task, attempt } = spoken;
  const { transient } = turn.state;
  // A clock that is ahead must not hide what is lost later.
  const takenAt = epochMillis(Math.min(message.takenAt, turn.wall));
  const checkpoint = {
    hash: message.hash,
    size: message.size,
    takenAt,
    doneMs: doneMsAt(task, takenAt),
    epoch: message.epoch,
    cpuSeconds: message.cpuSeconds,
    log: message.log !== null && absent.has(message.log) ? null : message.log,
    cpuFeatures: spoken.job.spec.portable ? [] : member.facts.cpuFeatures,
  };
  if (attempt.move && message.suspended)
    turn.send(attempt.move.to, { t: 'abandon', task: task.id, epoch: attempt.move.toEpoch });
  turn.emit({
    e: 'task-saved',
    task: task.id,
    checkpoint,
    suspended: message.suspended,
    freezeMs: message.freezeMs,
  });
  const wanted = transient.saving.get(task.id)?.then;
  if (message.suspended) forgetTransient(turn, task);
  else {
    transient.quietSince.set(task.id, turn.now);
    transient.saveFault.delete(task.id);
    // A suspend that was asked for while this save went on is still to come.
    if (wanted !== 'suspend') transient.saving.delete(task.id);
  }
  turn.state.transient.badRestores.delete(message.hash);
}

/** Milliseconds before a save that failed is tried again. */
const saveRetryMs = 15_000;

export function onCheckpointFailed(turn: Turn, member: Member, said: string, spoken: Spoken): void {
  if (spoken.is === 'current') saveFailed(turn, member, spoken.task, saidReason(said));
}

function saveFailed(turn: Turn, { id: pc }: Member, task: Task, because: Reason): void {
  const { transient } = turn.state;
  const wanted = transient.saving.get(task.id)?.then;
  transient.saving.delete(task.id);
  transient.saveFault.set(task.id, because);
  transient.saveNotBefore.set(
    task.id,
    monotonicMillis(
      turn.now +
        (wanted === 'continue'
          ? turn.timings.checkpointEvery
          : Math.min(saveRetryMs, turn.timings.checkpointEvery)),
    ),
  );
  turn.touched.tasks.add(task.id);
  turn.touched.members.add(pc);
}

/**
 * A blob on the head's own disk is not what it was. Checkpoints that it held are no more: their tasks go on from the older
 * one, which no PC has to fail at first, and no PC is blamed.
 */
export function onBlobDamaged(turn: Turn, hash: BlobHash): void {
  for (const task of turn.state.tasks.values()) {
    if (!task.checkpoints.some((checkpoint) => checkpoint.hash === hash)) continue;
    dropCheckpoint(turn, task, hash, damagedOnDisk);
  }
  turn.state.transient.badRestores.delete(hash);
}

const damagedOnDisk: Reason = { code: 'damaged-here', facts: {} };
