import type { JobView, TaskCounts } from '../../../shared/api/views.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LabState } from '../state/state.ts';
import { neverStarts } from './waiting-because.ts';

/** held beats all; then whatever is still going on, then how it ended: any failure makes it failed. */
export function jobState(job: Job, counts: TaskCounts, heldTasks = 0): JobView['state'] {
  const open = counts.queued + counts.running + counts.suspended;
  if (open > 0) {
    if (job.held || heldTasks === open) return 'held';
    if (counts.running > 0) return 'running';
    return counts.suspended > 0 ? 'suspended' : counts.done > 0 ? 'running' : 'queued';
  }
  if (counts.failed > 0) return 'failed';
  return counts.cancelled > 0 ? 'cancelled' : 'done';
}

/** Counted when tasks change and not when somebody looks: jobs are looked at more often. */
export function jobView(state: LabState, job: Job): JobView {
  const tally = state.index.tallies.get(job.id);
  const counts = { ...(tally?.counts ?? noTasks) };
  const never = counts.queued > 0 ? neverStarts(state, job) : null;
  const isOver = counts.queued + counts.running + counts.suspended === 0;
  const heldTasks = state.index.held.get(job.id)?.size ?? 0;
  return {
    id: job.id,
    name: job.spec.name,
    owner: job.spec.owner,
    state: jobState(job, counts, heldTasks),
    held: job.held,
    heldTasks,
    tasks: counts,
    submittedAt: job.submittedAt,
    finishedAt: isOver ? (tally?.finishedAt ?? 0) : null,
    command: commandOf(job),
    ...(never === null ? {} : { neverStarts: never }),
  };
}

const noTasks: TaskCounts = {
  queued: 0,
  running: 0,
  suspended: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
};

/** Letters of a command that are shown. */
const mostLetters = 300;

const commandOf = ({ spec }: Job): string =>
  spec.command.slice(0, mostLetters).join(' ').slice(0, mostLetters);

export const jobViews = (state: LabState): JobView[] =>
  [...state.jobs.values()].map((job) => jobView(state, job));
