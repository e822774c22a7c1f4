import { epoch, type JobId, type MemberId, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { taskSpecOf } from '../jobs/task-spec-of.ts';
import type { Turn } from '../lab/turn.ts';
import { freeRoom, isOpen, misfit, reservedMemory, taskMisfit, type Room } from './fit.ts';

/**
 * Placement: highest priority first, then the older job, suspended tasks before fresh ones, lower index first.
 * A task that does not fit now does not block smaller ones behind it (backfill without reservation).
 */
export function placeWaiting(turn: Turn): void {
  const { state } = turn;
  if (state.index.waiting.size === 0) return;
  const rooms = new Map<MemberId, { member: Member; free: { cpus: number; memory: number } }>();
  let slots = 0;
  for (const member of state.members.values()) {
    if (!isOpen(member)) continue;
    const free = freeRoom(state, member);
    if (free.cpus <= 0) continue;
    rooms.set(member.id, { member, free: { ...free } });
    slots += free.cpus;
  }
  if (slots <= 0) return;
  for (const id of jobsInOrder(turn)) {
    if (slots <= 0) return;
    const job = state.jobs.get(id);
    const waiting = state.index.waiting.get(id);
    if (!job || !waiting || job.held || job.cancelled || blockers(turn, job).length > 0) continue;
    let more = roomInJob(turn, job);
    if (more <= 0) continue;
    for (const taskId of [...waiting.suspended, ...take(waiting.queued, slots)]) {
      const task = state.tasks.get(taskId);
      if (!task || (state.transient.placeNotBefore.get(taskId) ?? 0) > turn.now) continue;
      const spot = bestSpot(job, task, [...rooms.values()]);
      if (!spot) continue;
      spot.free.cpus -= job.spec.resources.cpus;
      spot.free.memory -= reservedMemory(job.spec);
      slots -= job.spec.resources.cpus;
      place(turn, job, task, spot.member);
      if (slots <= 0) return;
      more -= 1;
      if (more <= 0) break;
    }
  }
}

/** The first `most` of a set, without walking the rest of 10,000. */
function take<Value>(values: Iterable<Value>, most: number): Value[] {
  const taken: Value[] = [];
  for (const value of values) {
    if (taken.length >= most) break;
    taken.push(value);
  }
  return taken;
}

function jobsInOrder(turn: Turn): JobId[] {
  const { jobs, index } = turn.state;
  return [...index.waiting.keys()].sort((a, b) => {
    const byPriority = (jobs.get(b)?.spec.priority ?? 0) - (jobs.get(a)?.spec.priority ?? 0);
    return byPriority !== 0 ? byPriority : Number(a) - Number(b);
  });
}

/** How many more of its tasks may be on machines, where the job itself says how many at a time. */
export function roomInJob({ state }: Pick<Turn, 'state'>, job: Job): number {
  const { atOnce } = job.spec;
  if (atOnce === undefined || atOnce === null) return Infinity;
  let there = 0;
  for (const id of state.index.active) if (state.tasks.get(id)?.job === job.id) there += 1;
  return atOnce - there;
}

/** Jobs that keep this one from starting: those that are not over yet, and those whose success it needs and that had none. */
export function blockers(turn: Pick<Turn, 'state'>, job: Job): JobId[] {
  const { after, afterOk = [] } = job.spec;
  const open = (id: JobId): boolean => (turn.state.index.open.get(id) ?? 0) > 0;
  const hopeless = neverStartsAfter(turn, job);
  return [...after.filter(open), ...afterOk.filter((id) => open(id) || hopeless.includes(id))];
}

/**
 * Jobs that were to be done before this one and cannot be any more: a task of theirs failed or was cancelled, or they
 * wait in vain themselves.
 */
export function neverStartsAfter(
  { state }: Pick<Turn, 'state'>,
  job: Job,
  seen = new Set<JobId>(),
): JobId[] {
  return (job.spec.afterOk ?? []).filter((id) => {
    if (seen.has(id)) return false;
    seen.add(id);
    const before = state.jobs.get(id);
    return (
      !before ||
      state.index.unsuccessful.has(id) ||
      neverStartsAfter({ state }, before, seen).length > 0
    );
  });
}

/**
 * The fastest PC with room; among equals the one where the task costs least: the lowest relative use of processors
 * and memory after placing it (the opportunity cost of Amir et al. 2000, reduced to its ordering). PCs the task failed on come last.
 */
export function bestSpot<Spot extends { readonly member: Member; readonly free: Room }>(
  job: Job,
  task: Task,
  spots: readonly Spot[],
): Spot | undefined {
  let best: { spot: Spot; score: readonly number[] } | undefined;
  for (const spot of spots) {
    const { member, free } = spot;
    if (free.cpus < job.spec.resources.cpus || free.memory < reservedMemory(job.spec)) continue;
    if (misfit(job.spec, member) || taskMisfit(job, task, member)) continue;
    const score = [
      task.avoid.includes(member.id) ? 1 : 0,
      -speedClass(member),
      useAfter(member, free, job),
    ];
    if (!best || lessThan(score, best.score)) best = { spot, score };
  }
  return best?.spot;
}

/** Speeds within 10 % count as equal: calibration is not more exact than that. */
export const speedClass = (member: Member): number =>
  Math.round(Math.log(member.facts.speed) / Math.log(1.1));

function useAfter(member: Member, free: Room, job: Job): number {
  const cpu =
    (member.facts.processors - free.cpus + job.spec.resources.cpus) / member.facts.processors;
  const memory =
    (member.facts.memory - free.memory + reservedMemory(job.spec)) / member.facts.memory;
  return Math.max(cpu, memory);
}

function lessThan(a: readonly number[], b: readonly number[]): boolean {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function place(turn: Turn, job: Job, task: Task, member: Member): void {
  const checkpoint = task.checkpoints[0] ?? null;
  const number = epoch(task.epoch + 1);
  turn.emit({
    e: 'task-placed',
    task: task.id,
    epoch: number,
    machine: member.id,
    from: checkpoint?.hash ?? null,
  });
  turn.send(member.id, {
    t: 'start',
    task: task.id,
    epoch: number,
    spec: taskSpecOf(job, task),
    checkpoint: checkpoint && {
      hash: checkpoint.hash,
      size: checkpoint.size,
      cpuSeconds: checkpoint.cpuSeconds,
    },
  });
}

/** How many waiting tasks go before this one. */
export function tasksAhead(turn: Pick<Turn, 'state'>, id: TaskId): number {
  const task = turn.state.tasks.get(id);
  let ahead = 0;
  for (const [job, waiting] of turn.state.index.waiting) {
    if (task && job !== task.job && Number(job) > Number(task.job)) continue;
    for (const set of [waiting.suspended, waiting.queued]) {
      if (job !== task?.job) ahead += set.size;
      else
        for (const other of set)
          if (other !== id && (turn.state.tasks.get(other)?.index ?? 0) < task.index) ahead += 1;
    }
  }
  return ahead;
}
