import type { Reason } from '../../../shared/domain/reasons.ts';
import type { JobId, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { isOpen, misfit, taskMisfit } from '../state/fit.ts';
import type { LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';

/** Number of different tasks that fail by a PC's fault, with nothing going well in between, after which it gets no more. */
export const quarantineAfter = 3;

/** A program that ends sooner than this, and not with 0, may have met a PC that is not whole. Milliseconds. */
export const quickMs = 5000;

/**
 * A machine that fails what others complete must not swallow the queue. Tasks are counted, not failures: one task that
 * nobody can restore says nothing about the PCs.
 */
export function onMachineFault(turn: Turn, id: MemberId, task: TaskId, reason: Reason): void {
  const { faults } = turn.state.transient;
  const failed = faults.get(id) ?? new Set<TaskId>();
  faults.set(id, failed.add(task));
  if (failed.size >= quarantineAfter)
    quarantine(turn, id, {
      code: 'failed-in-a-row',
      facts: { tasks: failed.size, last: reason },
    });
}

function quarantine(turn: Turn, id: MemberId, because: Reason): void {
  const member = turn.state.members.get(id);
  if (!member || member.cordoned) return;
  turn.emit({ e: 'member-cordoned', member: id, because });
}

/** Something went well there: whatever failed before was the tasks'. */
export function onWentWell(turn: Turn, member: Member, job: Job | null): void {
  const { faults, quickExits, goneWell } = turn.state.transient;
  faults.delete(member.id);
  quickExits.delete(member.id);
  if (!job) return;
  const where = goneWell.get(job.id) ?? new Set<MemberId>();
  goneWell.set(job.id, where.add(member.id));
  // Of a job that is over nobody asks any more.
  for (const id of goneWell.keys())
    if (id !== job.id && (turn.state.index.open.get(id) ?? 0) === 0) goneWell.delete(id);
}

/**
 * That a program cannot be started is believed when a second PC says it of the same task, or the same of another task of the
 * job, or when no other PC could be asked. Until then the task is tried elsewhere, and the first PC gets no more of that job.
 */
export function isUnstartable(
  turn: Turn,
  member: Member,
  job: Job,
  task: Task,
  reason: string,
): boolean {
  const { doubts, unstartable } = turn.state.transient;
  for (const [id, said] of doubts) {
    if (said.member === member.id) continue;
    if (id !== task.id && (said.job !== job.id || said.reason !== reason)) continue;
    unstartable.add(job.id);
    return true;
  }
  return unstartable.has(job.id) || !canAskOthers(turn.state, new Set([member.id]), job, task);
}

/** After the attempt was lost. */
export function doubt(turn: Turn, member: Member, task: Task, reason: string): void {
  turn.state.transient.doubts.set(task.id, { member: member.id, job: task.job, reason });
}

/** It ran: who said that it cannot is at fault. */
export function onRan(turn: Turn, member: MemberId, task: Task): void {
  const { doubts, unstartable } = turn.state.transient;
  unstartable.delete(task.job);
  const said = doubts.get(task.id);
  if (!said || said.member === member) return;
  doubts.delete(task.id);
  const pc = turn.state.members.get(member)?.name ?? member;
  onMachineFault(turn, said.member, task.id, {
    code: 'runs-elsewhere',
    facts: { task: task.id, pc, doubt: said.reason },
  });
}

/**
 * Every tick. A member says "started" when the container is up, and only then finds that it holds no such command; so a
 * task in doubt has started when it ended as a program does, or goes on.
 */
export function judgeDoubts(turn: Turn): void {
  for (const id of [...turn.state.transient.doubts.keys()]) {
    const task = turn.state.tasks.get(id);
    if (task?.attempt?.phase !== 'running') continue;
    if (turn.wall - task.attempt.placedAt > quickMs) onRan(turn, task.attempt.machine, task);
  }
}

/**
 * Whether a task has to wait for another PC than this one, whose word on its job is in doubt: as long as there is one that is
 * above doubt, and in any case one that has not said so of this very task.
 */
export function mustAskOthers(
  state: LabState,
  id: MemberId,
  doubters: ReadonlySet<MemberId>,
  job: Job,
  task: Task,
): boolean {
  if (!doubters.has(id) || state.transient.unstartable.has(job.id)) return false;
  const saidSo = state.transient.doubts.get(task.id)?.member === id;
  return canAskOthers(state, saidSo ? new Set([id]) : doubters, job, task);
}

/** Whether another PC than these takes tasks and could say whether this one starts. */
function canAskOthers(state: LabState, than: ReadonlySet<MemberId>, job: Job, task: Task): boolean {
  for (const other of state.members.values())
    if (
      !than.has(other.id) &&
      isOpen(state, other) &&
      !misfit(job.spec, other) &&
      !taskMisfit(job, task, other)
    )
      return true;
  return false;
}

/** PCs whose word on this job is in doubt. */
export function doubtersOf({ transient }: LabState, job: Job): Set<MemberId> {
  const found = new Set<MemberId>();
  for (const said of transient.doubts.values()) if (said.job === job.id) found.add(said.member);
  for (const [id, exits] of transient.quickExits)
    if (countOf(exits, job.id) >= quarantineAfter) found.add(id);
  return found;
}

/**
 * A program ended at once, and badly. That is the program's affair, unless one PC alone does so to what runs well on
 * others: to several tasks of one job, or to several jobs. Two PCs with the same trouble clear each other.
 */
export function onQuickExit(turn: Turn, member: Member, job: Job, task: Task): void {
  const { quickExits } = turn.state.transient;
  for (const [id, exits] of quickExits) {
    if (id === member.id || countOf(exits, job.id) === 0) continue;
    for (const each of quickExits.values())
      for (const [one, of] of each) if (of === job.id) each.delete(one);
    return;
  }
  const mine = quickExits.get(member.id) ?? new Map<TaskId, JobId>();
  quickExits.set(member.id, mine.set(task.id, job.id));
  judgeQuickExits(turn);
}

const countOf = (exits: ReadonlyMap<TaskId, JobId>, job: JobId): number =>
  [...exits.values()].filter((id) => id === job).length;

/** Also every tick: what runs well elsewhere takes its time to show it. */
export function judgeQuickExits(turn: Turn): void {
  const failing = [...turn.state.transient.quickExits].filter(([, exits]) => exits.size > 0);
  const [only] = failing;
  if (!only || failing.length > 1) return;
  const [id, exits] = only;
  if (exits.size < quarantineAfter) return;
  const jobs = new Set(exits.values());
  for (const job of jobs) {
    const count = countOf(exits, job);
    if (count >= quarantineAfter && runsWellElsewhere(turn, id, job))
      quarantine(turn, id, { code: 'quick-exits-of-job', facts: { programs: count, job } });
  }
  if (jobs.size >= quarantineAfter && runsWellElsewhere(turn, id, null))
    quarantine(turn, id, { code: 'quick-exits-of-jobs', facts: { jobs: jobs.size } });
}

function runsWellElsewhere({ state, wall }: Turn, but: MemberId, job: JobId | null): boolean {
  for (const [id, where] of state.transient.goneWell)
    if (job === null || id === job) for (const at of where) if (at !== but) return true;
  for (const id of state.index.active) {
    const task = state.tasks.get(id);
    if (!task?.attempt || task.attempt.machine === but) continue;
    if (job !== null && task.job !== job) continue;
    if (task.attempt.phase === 'running' && wall - task.attempt.placedAt > quickMs) return true;
  }
  return false;
}

/** A person lets it work again: what was is forgotten. */
export function forgive({ transient }: LabState, id: MemberId): void {
  transient.faults.delete(id);
  transient.quickExits.delete(id);
  for (const [task, said] of transient.doubts)
    if (said.member === id) transient.doubts.delete(task);
}
