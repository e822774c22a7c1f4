import { reasonWords } from '../../../shared/words/reason-words.ts';
import { aheadWords } from '../../../shared/api/whole-job.ts';
import type { JobId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { formatSize } from '../../../shared/base/units.ts';
import { isLinked, type LabState } from '../state/state.ts';
import { freeRoom, isOpen, misfit, reservedMemory, taskMisfit } from '../state/fit.ts';
import { doubtersOf } from '../membership/quarantine.ts';
import { kindOf } from '../plan/free-rooms.ts';
import { blockers, neverStartsAfter, roomInJob, tasksAhead } from '../plan/queue-order.ts';

/** What tasks of one kind wait for; those that stand in line are told how many are ahead. */
interface Cause {
  readonly text: string;
  readonly inLine: boolean;
}

export interface WaitingReasons {
  /** In one sentence that names what would have to change; null when it does not wait. */
  of(task: Task): string | null;
  /** The same, with how many are ahead apart from it, where that is what it waits for. */
  parts(task: Task): { readonly text: string | null; readonly ahead: number | null };
}

/**
 * Why tasks of a job wait. Made for one answer: what tasks of one kind have in common is found once, so that a job of
 * 10,000 costs no more than its sentences.
 */
export function waitingReasons(state: LabState, job: Job): WaitingReasons {
  const common = commonCause(state, job);
  const causes = new Map<string, Cause>();
  const open = [...state.members.values()].filter((member) => isOpen(state, member));
  const ahead = tasksAhead(state);
  const parts: WaitingReasons['parts'] = (task) => {
    if (task.state !== 'queued' && task.state !== 'suspended') return { text: null, ahead: null };
    if (task.heldFor !== null && !job.held)
      return { text: `it is held: ${reasonWords(task.heldFor)}`, ahead: null };
    if (common !== undefined) return { text: common, ahead: null };
    const kind = kindOf(job, task);
    let cause = causes.get(kind);
    if (!cause) causes.set(kind, (cause = causeOf(state, job, task, open)));
    return { text: cause.text, ahead: cause.inLine ? ahead(task) : null };
  };
  return {
    parts,
    of: (task) => {
      const { text, ahead: count } = parts(task);
      if (text === null) return null;
      const last = task.reason && task.epoch > 0 ? ` (before: ${reasonWords(task.reason)})` : '';
      return `${text}${aheadWords(count ?? 0)}${last}`;
    },
  };
}

/** What keeps all tasks of the job, whatever they are. */
function commonCause(state: LabState, job: Job): string | undefined {
  if (job.held) return 'the job is held; nightshift resume lets it go on';
  const never = neverStarts(state, job);
  if (never !== null) return never;
  const before = blockers(state, job);
  if (before.length > 0) return `it starts after job ${before.join(', ')}`;
  if (roomInJob(state, job) <= 0)
    return `the job has at most ${job.spec.atOnce ?? 0} of its tasks running at a time, and so many are`;
  if (state.members.size === 0) return 'no PC has enrolled yet';
  const members = [...state.members.values()];
  if (members.some((member) => isOpen(state, member))) return undefined;
  return `no PC takes tasks at the moment (${closedSummary(state, members)})`;
}

function causeOf(state: LabState, job: Job, task: Task, open: readonly Member[]): Cause {
  const misfits = open.map((member) => misfit(job.spec, member) ?? taskMisfit(job, task, member));
  if (misfits.every((why) => why !== undefined))
    return { text: `no PC that is here fits: ${misfits[0] ?? ''}`, inLine: false };
  const fitting = open.filter((_, at) => misfits[at] === undefined);
  // While others can be asked, those whose word on this job is in doubt get none of it.
  const doubters = doubtersOf(state, job);
  const trusted = fitting.filter(({ id }) => !doubters.has(id));
  const asked = trusted.length > 0 ? trusted : fitting;
  const withSlot = asked
    .map((member) => freeRoom(state, member))
    .filter((room) => room.cpus >= job.spec.resources.cpus);
  if (withSlot.some((room) => room.memory >= reservedMemory(job.spec)))
    return { text: 'it is about to start', inLine: false };
  if (withSlot.length > 0) {
    const size = formatSize(reservedMemory(job.spec));
    return { text: `no PC with a free slot has ${size} of memory left`, inLine: true };
  }
  const slots = asked.reduce((sum, member) => sum + member.facts.processors, 0);
  const others = fitting.filter((member) => !asked.includes(member)).map(({ name }) => name);
  const but =
    others.length > 0
      ? `, but for those of ${others.join(', ')}, which could not start one of its tasks`
      : '';
  return { text: `all ${slots} slots are taken${but}`, inLine: true };
}

/** Why what waits of a job can never start, or null. */
export function neverStarts(state: LabState, job: Job): string | null {
  const [failed] = neverStartsAfter(state, job);
  return failed === undefined
    ? null
    : `it never starts: it was to start once job ${failed} is done, and that ${endOf(state, failed)}; take it away with nightshift cancel ${job.id}`;
}

function endOf(state: LabState, id: JobId): string {
  const job = state.jobs.get(id);
  if (job === undefined) return 'is not known any more';
  if (job.cancelled) return 'was cancelled';
  return state.index.unsuccessful.has(id) ? 'failed' : 'never starts itself';
}

function closedSummary(state: LabState, members: readonly Member[]): string {
  const counts = new Map<string, number>();
  for (const member of members) {
    const word =
      member.state === 'ready' && member.cordoned
        ? 'cordoned'
        : member.state === 'ready' && !isLinked(state, member)
          ? 'not connected'
          : member.state;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
