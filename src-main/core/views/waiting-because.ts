import type { JobId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { formatSize } from '../../../shared/base/units.ts';
import type { LabState } from '../lab/state.ts';
import { freeRoom, isOpen, misfit, reservedMemory, taskMisfit } from '../balance/fit.ts';
import { blockers, neverStartsAfter, roomInJob, tasksAhead } from '../balance/place.ts';

/** Why a task waits, in one sentence that names what would have to change; null when it does not wait. */
export function waitingBecause(state: LabState, job: Job, task: Task): string | null {
  if (task.state !== 'queued' && task.state !== 'suspended') return null;
  const last = task.reason && task.epoch > 0 ? ` (before: ${task.reason})` : '';
  return `${reason(state, job, task)}${last}`;
}

function reason(state: LabState, job: Job, task: Task): string {
  if (job.held) return 'the job is held; nightshift resume lets it go on';
  const never = neverStarts(state, job);
  if (never !== null) return never;
  const before = blockers({ state }, job);
  if (before.length > 0) return `it starts after job ${before.join(', ')}`;
  if (roomInJob({ state }, job) <= 0)
    return `the job has at most ${job.spec.atOnce ?? 0} of its tasks running at a time, and so many are`;
  const members = [...state.members.values()];
  if (members.length === 0) return 'no PC has enrolled yet';
  const open = members.filter(isOpen);
  if (open.length === 0) return `no PC takes tasks at the moment (${closedSummary(members)})`;
  const misfits = open.map((member) => misfit(job.spec, member) ?? taskMisfit(job, task, member));
  if (misfits.every((why) => why !== undefined))
    return `no PC that is here fits: ${misfits[0] ?? ''}`;
  const fitting = open.filter((_, at) => misfits[at] === undefined);
  const rooms = fitting.map((member) => freeRoom(state, member));
  const ahead = tasksAhead({ state }, task.id);
  const queue = ahead > 0 ? `; ${ahead} task${ahead === 1 ? ' is' : 's are'} ahead` : '';
  if (rooms.some((room) => room.cpus >= job.spec.resources.cpus)) {
    return rooms.some(
      (room) => room.cpus >= job.spec.resources.cpus && room.memory >= reservedMemory(job.spec),
    )
      ? 'it is about to start'
      : `no PC with a free slot has ${formatSize(reservedMemory(job.spec))} of memory left${queue}`;
  }
  const slots = fitting.reduce((sum, member) => sum + member.facts.processors, 0);
  return `all ${slots} slots are taken${queue}`;
}

/** Why what waits of a job can never start, or null. */
export function neverStarts(state: LabState, job: Job): string | null {
  const [failed] = neverStartsAfter({ state }, job);
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

function closedSummary(
  members: readonly {
    readonly state: string;
    readonly cordoned: boolean;
    readonly linked: boolean;
  }[],
): string {
  const counts = new Map<string, number>();
  for (const member of members) {
    const word =
      member.state === 'ready' && member.cordoned
        ? 'cordoned'
        : member.state === 'ready' && !member.linked
          ? 'not connected'
          : member.state;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
