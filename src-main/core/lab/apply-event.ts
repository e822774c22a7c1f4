import type { EpochMillis } from '../../../shared/base/units.ts';
import type { TaskId } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import { applyToMember } from './apply-to-member.ts';
import { applyToTask } from './apply-to-task.ts';
import type { LabEvent } from './events.ts';
import { emptyTally, newTask, taskIndexes, type LabState } from './state.ts';
import type { Touched } from './turn.ts';

/**
 * The only function that changes what is in the log. It never refuses: an event has happened. `at` is the wall
 * clock of the moment it was decided and comes from the log on replay.
 */
export function applyEvent(
  state: LabState,
  event: LabEvent,
  at: EpochMillis,
  touched: Touched,
): void {
  switch (event.e) {
    case 'member-enrolled':
    case 'member-arrived':
    case 'member-suspected':
    case 'member-returned':
    case 'member-lost':
    case 'member-cordoned':
    case 'member-uncordoned':
    case 'member-draining':
    case 'member-evacuated':
    case 'member-released':
    case 'member-left':
    case 'member-stayed':
    case 'member-expected':
    case 'member-came-back':
      touched.members.add(event.member);
      applyToMember(state, event, at);
      return;
    case 'night-opened':
      state.night = emptyTally(event.night, at);
      touched.lab = true;
      return;
    case 'job-submitted': {
      const { job } = event;
      state.jobs.set(job.id, { ...job });
      state.nextJob = Math.max(state.nextJob, Number(job.id) + 1);
      touched.jobs.add(job.id);
      touched.lab = true;
      addTasks(state, job.id);
      return;
    }
    case 'job-held':
    case 'job-resumed':
    case 'job-cancelled': {
      const job = state.jobs.get(event.job);
      if (!job) return;
      if (event.e === 'job-cancelled') job.cancelled = true;
      else job.held = event.e === 'job-held';
      touched.jobs.add(event.job);
      return;
    }
    default:
      applyToTask(state, event, at, touched);
  }
}

/** Makes the tasks of a job as new; rows of tasks that have moved on replace them at start. */
export function addTasks(state: LabState, id: Task['job']): void {
  const job = state.jobs.get(id);
  if (!job) return;
  const { first, last } = taskIndexes(job);
  state.index.open.set(id, last - first + 1);
  const queued = new Set<TaskId>();
  for (let index = first; index <= last; index += 1) {
    const task = newTask(id, index);
    state.tasks.set(task.id, task);
    queued.add(task.id);
  }
  state.index.waiting.set(id, { suspended: new Set(), queued });
}

/** For replays that follow no one. */
export const untouched = (): Touched => ({
  lab: false,
  members: new Set(),
  jobs: new Set(),
  tasks: new Set(),
});
