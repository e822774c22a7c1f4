import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { ClosedFor, NeverStarts, Waiting } from '../../../shared/domain/waiting.ts';
import { isLinked, type LabState } from '../state/state.ts';
import { freeRoom, isOpen, misfit, reservedMemory, taskMisfit } from '../state/fit.ts';
import { doubtersOf } from '../membership/quarantine.ts';
import { kindOf } from '../plan/free-rooms.ts';
import { blockers, endOf, neverStartsAfter, roomInJob, tasksAhead } from '../plan/queue-order.ts';

/** What tasks of one kind wait for; those that stand in line are told how many are ahead. */
interface Cause {
  readonly waiting: Waiting;
  readonly inLine: boolean;
}

export interface WhyItWaits {
  /** Null when it does not wait. */
  readonly waitingBecause: Waiting | null;
  /** How many tasks are ahead of it, where that is what it waits for. */
  readonly ahead: number | null;
}

/**
 * Why tasks of a job wait. Made for one answer: what tasks of one kind have in common is found once, so that a job of
 * 10,000 costs no more than its lines.
 */
export function waitingReasons(state: LabState, job: Job): (task: Task) => WhyItWaits {
  const common = commonCause(state, job);
  const causes = new Map<string, Cause>();
  const open = [...state.members.values()].filter((member) => isOpen(state, member));
  const ahead = tasksAhead(state);
  return (task) => {
    if (task.state !== 'queued' && task.state !== 'suspended') return notAtAll;
    if (task.heldFor !== null && !job.held)
      return {
        waitingBecause: { code: 'task-held', facts: { because: task.heldFor } },
        ahead: null,
      };
    if (common !== undefined) return { waitingBecause: common, ahead: null };
    const kind = kindOf(job, task);
    let cause = causes.get(kind);
    if (!cause) causes.set(kind, (cause = causeOf(state, job, task, open)));
    return { waitingBecause: cause.waiting, ahead: cause.inLine ? ahead(task) : null };
  };
}

const notAtAll: WhyItWaits = { waitingBecause: null, ahead: null };

/** What keeps all tasks of the job, whatever they are. */
function commonCause(state: LabState, job: Job): Waiting | undefined {
  if (job.held) return { code: 'job-held', facts: {} };
  const never = neverStarts(state, job);
  if (never !== null) return never;
  const before = blockers(state, job);
  if (before.length > 0) return { code: 'after-jobs', facts: { jobs: before } };
  if (roomInJob(state, job) <= 0)
    return { code: 'enough-at-once', facts: { atOnce: job.spec.atOnce ?? 0 } };
  if (state.members.size === 0) return { code: 'no-pc-yet', facts: {} };
  const members = [...state.members.values()];
  if (members.some((member) => isOpen(state, member))) return undefined;
  return { code: 'no-pc-open', facts: { closed: closedSummary(state, members) } };
}

function causeOf(state: LabState, job: Job, task: Task, open: readonly Member[]): Cause {
  const misfits = open.map((member) => misfit(job.spec, member) ?? taskMisfit(job, task, member));
  const [first] = misfits;
  if (first !== undefined && misfits.every((why) => why !== undefined))
    return { waiting: { code: 'no-pc-fits', facts: { misfit: first } }, inLine: false };
  const fitting = open.filter((_, at) => misfits[at] === undefined);
  // While others can be asked, those whose word on this job is in doubt get none of it.
  const doubters = doubtersOf(state, job);
  const trusted = fitting.filter(({ id }) => !doubters.has(id));
  const asked = trusted.length > 0 ? trusted : fitting;
  const withSlot = asked
    .map((member) => freeRoom(state, member))
    .filter((room) => room.cpus >= job.spec.resources.cpus);
  const memory = reservedMemory(job.spec);
  if (withSlot.some((room) => room.memory >= memory))
    return { waiting: { code: 'about-to-start', facts: {} }, inLine: false };
  if (withSlot.length > 0)
    return { waiting: { code: 'no-memory-free', facts: { memory } }, inLine: true };
  const slots = asked.reduce((sum, member) => sum + member.facts.processors, 0);
  const passedOver = fitting.filter((member) => !asked.includes(member)).map(({ name }) => name);
  return { waiting: { code: 'no-slot-free', facts: { slots, passedOver } }, inLine: true };
}

/** Why what waits of a job can never start, or null. */
export function neverStarts(state: LabState, job: Job): NeverStarts | null {
  const [after] = neverStartsAfter(state, job);
  return after === undefined
    ? null
    : { code: 'never-starts', facts: { job: job.id, after, ended: endOf(state, after) } };
}

function closedSummary(
  state: LabState,
  members: readonly Member[],
): { readonly as: ClosedFor; readonly pcs: number }[] {
  const counts = new Map<ClosedFor, number>();
  for (const member of members) {
    const as = closedFor(state, member);
    counts.set(as, (counts.get(as) ?? 0) + 1);
  }
  return [...counts].map(([as, pcs]) => ({ as, pcs }));
}

function closedFor(state: LabState, member: Member): ClosedFor {
  if (member.state !== 'ready') return member.state;
  return !member.cordoned && !isLinked(state, member) ? 'not-connected' : 'cordoned';
}
