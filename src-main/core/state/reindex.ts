import type { EpochMillis } from '../../../shared/base/units.ts';
import type { JobId, MemberId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { reservedMemory } from './fit.ts';
import { taskIndexes } from './new-task.ts';
import { isOver, machinesOf, type JobTally, type LabState } from './state.ts';

/** Enters a job's tasks in the index, as new; records of tasks that have moved on follow at start. */
export function addTasks(state: LabState, job: Job): void {
  const { index } = state;
  const { first, last } = taskIndexes(job);
  const count = last - first + 1;
  if (job.archived) {
    const { counts: ended, finishedAt } = job.archived;
    index.tallies.set(job.id, { counts: { ...ended }, finishedAt });
    index.open.set(job.id, 0);
    if (ended.failed + ended.cancelled > 0) markUnsuccessful(state, job.id);
    return;
  }
  const dropped = job.queueCancelledAt ?? null;
  const counts = { queued: 0, running: 0, suspended: 0, done: 0, failed: 0, cancelled: 0 };
  counts[dropped === null ? 'queued' : 'cancelled'] = count;
  index.tallies.set(job.id, { counts, finishedAt: dropped });
  index.open.set(job.id, 0);
  changeOpen(state, job, dropped === null ? count : 0);
  index.queue.addJob(job);
  for (const id of job.spec.afterOk ?? []) {
    const others = index.awaitedBy.get(id);
    if (others) others.push(job.id);
    else index.awaitedBy.set(id, [job.id]);
    if (isInVain(state, id)) markHopeless(state, [job.id]);
  }
  if (dropped !== null) markUnsuccessful(state, job.id);
}

/** Whether what was to start once this job is done never will. A job that has left was over before, and nobody waited for it. */
export const isInVain = ({ index }: LabState, id: JobId): boolean =>
  index.unsuccessful.has(id) || index.hopeless.has(id);

function markUnsuccessful(state: LabState, id: JobId): void {
  const { unsuccessful, awaitedBy } = state.index;
  if (unsuccessful.has(id)) return;
  unsuccessful.add(id);
  markHopeless(state, awaitedBy.get(id) ?? []);
}

/** And those that wait for them, and so on: a chain may be ten thousand jobs long. */
function markHopeless({ index }: LabState, jobs: readonly JobId[]): void {
  const left = [...jobs];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (index.hopeless.has(id)) continue;
    index.hopeless.add(id);
    for (const next of index.awaitedBy.get(id) ?? []) left.push(next);
  }
}

/** What of a task the index knows. */
export interface Indexed {
  readonly state: Task['state'];
  readonly machines: readonly MemberId[];
}

/** Puts a task with a record where its state says in the index; called after every change of one. */
export function reindexTask(state: LabState, task: Task, before: Indexed): void {
  const { index } = state;
  const job = state.jobs.get(task.job);
  if (!job) return;
  for (const machine of before.machines)
    if (index.on.get(machine)?.delete(task.id)) use(state, machine, job, -1);
  for (const machine of machinesOf(task)) {
    let there = index.on.get(machine);
    if (!there) index.on.set(machine, (there = new Set()));
    if (!there.has(task.id)) use(state, machine, job, 1);
    there.add(task.id);
  }
  keepActive(state, task);
  index.queue.put(job, task);
  keepHeld(state, task);
  const tally = index.tallies.get(job.id);
  if (tally) count(tally, task, before.state);
  const wasOver =
    before.state === 'done' || before.state === 'failed' || before.state === 'cancelled';
  changeOpen(state, job, Number(wasOver) - Number(isOver(task)));
  if (isOver(task) && task.state !== 'done') markUnsuccessful(state, job.id);
}

function keepActive({ index }: LabState, task: Task): void {
  let ofJob = index.activeOf.get(task.job);
  if (!task.attempt) {
    index.active.delete(task.id);
    if (ofJob?.delete(task.id) && ofJob.size === 0) index.activeOf.delete(task.job);
    return;
  }
  index.active.add(task.id);
  if (!ofJob) index.activeOf.set(task.job, (ofJob = new Set()));
  ofJob.add(task.id);
}

function keepHeld({ index }: LabState, task: Task): void {
  let held = index.held.get(task.job);
  if (task.heldFor === null) {
    if (held?.delete(task.id) && held.size === 0) index.held.delete(task.job);
    return;
  }
  if (!held) index.held.set(task.job, (held = new Set()));
  held.add(task.id);
}

/** Also after the job itself was held, resumed or cancelled. */
export function changeOpen({ index }: LabState, job: Job, by: number): void {
  const open = (index.open.get(job.id) ?? 0) + by;
  index.open.set(job.id, open);
  enter(index.cancelling, job.id, job.cancelled && open > 0);
  enter(index.holding, job.id, job.held && !job.cancelled && open > 0);
}

function enter(jobs: Set<JobId>, id: JobId, isIn: boolean): void {
  if (isIn) jobs.add(id);
  else jobs.delete(id);
}

/** Tasks of a cancelled job that have no record are over with it. */
export function cancelUntouched(state: LabState, job: Job, at: EpochMillis): void {
  const { index } = state;
  const tally = index.tallies.get(job.id);
  const count = index.queue.of(job.id)?.untouched.size ?? 0;
  if (count === 0 || !tally) return;
  job.queueCancelledAt = at;
  tally.counts.queued -= count;
  tally.counts.cancelled += count;
  tally.finishedAt = at;
  changeOpen(state, job, -count);
  index.queue.cancelUntouched(job.id);
  markUnsuccessful(state, job.id);
}

function count(tally: JobTally, task: Task, before: Task['state']): void {
  tally.counts[before] -= 1;
  tally.counts[task.state] += 1;
  if (task.finishedAt !== null && task.finishedAt > (tally.finishedAt ?? 0))
    tally.finishedAt = task.finishedAt;
}

function use(state: LabState, machine: MemberId, job: Job, sign: 1 | -1): void {
  let used = state.index.used.get(machine);
  if (!used) state.index.used.set(machine, (used = { cpus: 0, memory: 0 }));
  used.cpus += sign * job.spec.resources.cpus;
  used.memory += sign * reservedMemory(job.spec);
}
