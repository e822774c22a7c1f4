import type { JobDetail, JobView, TaskCounts, TaskView } from '../../../shared/api/views.ts';
import { bytes, type EpochMillis } from '../../../shared/base/units.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import { tasksOf } from '../jobs/names.ts';
import type { LabState } from '../lab/state.ts';
import { neverStarts, waitingBecause } from './waiting-because.ts';

export function countTasks(tasks: readonly Task[]): TaskCounts {
  const counts = { queued: 0, running: 0, suspended: 0, done: 0, failed: 0, cancelled: 0 };
  for (const task of tasks) counts[task.state] += 1;
  return counts;
}

/** held beats all; then whatever is still going on, then how it ended: any failure makes it failed. */
export function jobState(job: Job, counts: TaskCounts): JobView['state'] {
  const open = counts.queued + counts.running + counts.suspended;
  if (open > 0) {
    if (counts.running > 0) return 'running';
    if (job.held) return 'held';
    return counts.suspended > 0 ? 'suspended' : counts.done > 0 ? 'running' : 'queued';
  }
  if (counts.failed > 0) return 'failed';
  return counts.cancelled > 0 ? 'cancelled' : 'done';
}

export function jobView(state: LabState, job: Job): JobView {
  const tasks = tasksOf(state, job);
  const counts = countTasks(tasks);
  const open = counts.queued + counts.running + counts.suspended;
  const never = counts.queued > 0 ? neverStarts(state, job) : null;
  let finishedAt: number | null = null;
  if (open === 0)
    for (const task of tasks) finishedAt = Math.max(finishedAt ?? 0, task.finishedAt ?? 0);
  return {
    id: job.id,
    name: job.spec.name,
    owner: job.spec.owner,
    state: jobState(job, counts),
    tasks: counts,
    submittedAt: job.submittedAt,
    finishedAt,
    command: job.spec.command.join(' ').slice(0, 300),
    ...(never === null ? {} : { neverStarts: never }),
  };
}

export const jobViews = (state: LabState): JobView[] =>
  [...state.jobs.values()].map((job) => jobView(state, job));

/** `shows`: which of its tasks it is told with. */
export function jobDetail(
  state: LabState,
  job: Job,
  now: EpochMillis,
  shows: (task: Task) => boolean = () => true,
): JobDetail {
  const { tasks: counts, ...rest } = jobView(state, job);
  const { resources, pack } = job.spec;
  return {
    ...rest,
    counts,
    tasks: tasksOf(state, job)
      .filter(shows)
      .map((task) => taskView(state, job, task, now)),
    cpus: resources.cpus,
    memory: resources.memory === null ? null : bytes(resources.memory),
    wallTime: resources.wallTime,
    pack,
  };
}

export function taskView(state: LabState, job: Job, task: Task, now: EpochMillis): TaskView {
  const name = (id: MemberId): string => state.members.get(id)?.name ?? id;
  return {
    id: task.id,
    index: task.index,
    state: task.state,
    phase: phase(state, job, task, name),
    machine: task.attempt ? name(task.attempt.machine) : null,
    attempt: task.attempt?.epoch ?? task.epoch,
    exitCode: task.exitCode,
    cpuSeconds: Math.round(task.cpuSeconds * 100) / 100,
    ranMs: task.ranMs + (task.runningSince === null ? 0 : Math.max(0, now - task.runningSince)),
    lastMachine: task.lastMachine ? name(task.lastMachine) : null,
    memory: task.memory,
    waitingBecause: waitingBecause(state, job, task),
    reason: whyOf(state, task),
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    savedAt: task.checkpoints[0]?.takenAt ?? null,
    restartsFromZero: task.restartsFromZero,
    outputs: [...task.outputs],
    migrations: task.migrations.map((migration) => ({
      ...migration,
      from: name(migration.from),
      to: name(migration.to),
    })),
  };
}

function whyOf(state: LabState, task: Task): string | null {
  const refused = state.transient.resultsWait.get(task.id);
  if (refused !== undefined)
    // Its PC does try again, by itself.
    return `it has ended and its results wait on its PC: ${refused.replace(/(, then try again)?\.?\s*$/, '')}`;
  return task.state === 'failed' || task.state === 'running' ? task.reason : null;
}

function phase(state: LabState, job: Job, task: Task, name: (id: MemberId) => string): string {
  const { attempt } = task;
  if (!attempt)
    return job.held && (task.state === 'queued' || task.state === 'suspended')
      ? 'held'
      : task.state;
  if (attempt.move) return `moving to ${name(attempt.move.to)}`;
  if (attempt.phase === 'stopping') return 'stopping';
  if (attempt.phase === 'recalled') return 'being taken back';
  if (state.members.get(attempt.machine)?.state === 'suspect') return 'frozen with its machine';
  if (attempt.phase === 'starting') return attempt.from ? 'resuming' : 'starting';
  if (state.transient.resultsWait.has(task.id)) return 'waiting to store its results';
  const saving = state.transient.saving.get(task.id);
  if (saving) return saving.then === 'suspend' ? 'suspending' : 'saving';
  return 'running';
}
