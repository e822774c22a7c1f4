import { ok, type Result } from '../../../shared/base/result.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import type { Waiting } from '../../../shared/domain/waiting.ts';
import { jobId, taskIdOf, type BlobHash, type JobId } from '../../../shared/domain/ids.ts';
import type { Job, JobSpec } from '../../../shared/domain/job.ts';
import { neverFits } from '../state/fit.ts';
import type { LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import type { WaitingOfJob } from '../state/waiting-queue.ts';
import { judgeInputTree } from './input-tree.ts';
import { cancelTask } from '../attempts/losses.ts';
import { isMoot, jobCan, type JobStanding } from '../../../shared/domain/actions.ts';
import { activeTasksOf, findJob } from '../state/find-job.ts';
import { recallAttempt } from '../attempts/recall.ts';
import { inVainBecause } from '../plan/queue-order.ts';
import { askToSave } from '../attempts/saves.ts';

/** Largest job array; more belongs into several jobs. */
export const largestArray = 100_000;

/** What `submitJob` would say, before a byte of the inputs is sent. Nothing is stored. */
export function considerJob(state: LabState, spec: JobSpec): Result<{ warnings: Waiting[] }> {
  const { first, last } = spec.array ?? { first: 0, last: 0 };
  if (first > last) return refuseFor('misuse', 'range-ends-before-it-begins', { first, last });
  if (last - first + 1 > largestArray)
    return refuseFor('misuse', 'array-is-too-large', { first, last, most: largestArray });
  if (spec.command.length === 0 || spec.command[0] === '')
    return refuseFor('misuse', 'no-command', {});
  for (const id of [...spec.after, ...(spec.afterOk ?? [])])
    if (!state.jobs.has(id)) return refuseFor('not-found', 'no-job-to-wait-for', { job: id });
  for (const before of spec.afterOk ?? []) {
    const may = jobCan.precede({ id: before, inVain: inVainBecause(state, before) });
    if (!may.ok) return may;
  }
  const tree = judgeInputTree(spec);
  if (!tree.ok) return tree;
  const unfit = neverFits(spec, state.members.values());
  if (unfit) return refuseFor('refused', 'no-pc-fits', { misfit: unfit });
  return ok({
    warnings: state.members.size === 0 ? [{ code: 'no-pc-yet', facts: {} }] : [],
  });
}

export function submitJob(
  turn: Turn,
  spec: JobSpec,
  held: boolean,
  has: (hash: BlobHash) => boolean,
): Result<{ id: JobId; warnings: Waiting[] }> {
  const { state } = turn;
  const considered = considerJob(state, spec);
  if (!considered.ok) return considered;
  const missing = spec.inputs.find((input) => !has(input.hash));
  if (missing) return refuseFor('misuse', 'input-is-not-here', { path: missing.path });
  const id = jobId(String(state.nextJob));
  turn.emit({
    e: 'job-submitted',
    job: { id, spec, submittedAt: turn.wall, held, cancelled: false },
  });
  return ok({ id, warnings: considered.value.warnings });
}

const standingOf = ({ state }: Turn, job: Job): JobStanding => ({
  id: job.id,
  finishedAt: (state.index.open.get(job.id) ?? 0) > 0 ? null : 0,
  held: job.held,
  heldTasks: state.index.held.get(job.id)?.size ?? 0,
});

/** How long a program may take to end after TERM before it is killed. */
const graceMs = 3000;

export function cancelJob(turn: Turn, text: string): Result<{ id: JobId }> {
  const found = findJob(turn.state, text);
  if (!found.ok) return found;
  const job = found.value;
  const may = jobCan.cancel(standingOf(turn, job));
  if (!may.ok) return may;
  turn.emit({ e: 'job-cancelled', job: job.id });
  const waiting = turn.state.index.queue.of(job.id);
  if (waiting) cancelWaiting(turn, waiting);
  for (const task of activeTasksOf(turn.state, job)) {
    if (!task.attempt) continue;
    if (task.attempt.move) {
      // Both ends drop it; whichever has it, it ends.
      turn.send(task.attempt.move.to, {
        t: 'discard',
        task: task.id,
        epoch: task.attempt.move.toEpoch,
      });
      turn.send(task.attempt.machine, { t: 'discard', task: task.id, epoch: task.attempt.epoch });
      cancelTask(turn, task.id);
    } else {
      turn.emit({ e: 'task-stopping', task: task.id });
      turn.send(task.attempt.machine, {
        t: 'stop',
        task: task.id,
        epoch: task.attempt.epoch,
        graceMs,
      });
    }
  }
  return ok({ id: job.id });
}

/** At once, without a word to anybody: nobody has them. */
export function cancelWaiting(turn: Turn, waiting: WaitingOfJob): void {
  const { job, suspended, again, untouched } = waiting;
  if (untouched.size > 0) turn.emit({ e: 'job-queue-cancelled', job });
  for (const index of [...suspended, ...again]) cancelTask(turn, taskIdOf(job, index));
}

export function holdJob(turn: Turn, text: string): Result<{ id: JobId }> {
  const found = findJob(turn.state, text);
  if (!found.ok) return found;
  const job = found.value;
  const may = jobCan.hold(standingOf(turn, job));
  if (!may.ok) return isMoot(may.error) ? ok({ id: job.id }) : may;
  turn.emit({ e: 'job-held', job: job.id });
  return ok({ id: job.id });
}

export function resumeJob(turn: Turn, text: string): Result<{ id: JobId }> {
  const found = findJob(turn.state, text);
  if (!found.ok) return found;
  const job = found.value;
  const held = [...(turn.state.index.held.get(job.id) ?? [])];
  const may = jobCan.resume(standingOf(turn, job));
  if (!may.ok) return may;
  if (job.held) turn.emit({ e: 'job-resumed', job: job.id });
  for (const task of held) turn.emit({ e: 'task-let-go', task });
  return ok({ id: job.id });
}

/** Running tasks of held jobs are saved and leave their machines; what has not begun to run is taken back. */
export function progressHolds(turn: Turn): void {
  for (const id of [...turn.state.index.holding]) {
    const job = turn.state.jobs.get(id);
    if (!job) continue;
    for (const task of activeTasksOf(turn.state, job)) {
      if (!task.attempt || task.attempt.move) continue;
      if (task.attempt.phase === 'running') askToSave(turn, task, 'suspend');
      else if (task.attempt.phase === 'starting')
        recallAttempt(turn, task, { code: 'job-held', facts: {} });
    }
  }
}
