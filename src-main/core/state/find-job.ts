import { ok, type Result } from '../../../shared/base/result.ts';
import { parseTaskId, type JobId, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { taskIndexes } from './new-task.ts';
import type { LabState } from './state.ts';

/** A job by id, or the newest one of that name. */
export function findJob(state: LabState, text: string): Result<Job> {
  const byId = state.jobs.get(text as JobId);
  if (byId) return ok(byId);
  let newest: Job | undefined;
  for (const job of state.jobs.values()) if (job.spec.name === text) newest = job;
  return newest ? ok(newest) : refuseFor('not-found', 'no-such-job', { named: text });
}

/** `12.3`, `name.3`, or a job's id or name when it has one task only. */
export function findTask(state: LabState, text: string): Result<Task> {
  const exact = parseTaskId(text) && state.tasks.get(text as TaskId);
  if (exact) return ok(exact);
  const dot = /^(.*)\.(\d+)$/.exec(text);
  if (dot?.[1] && dot[2]) {
    const job = findJob(state, dot[1]);
    const task = job.ok ? state.tasks.get(`${job.value.id}.${dot[2]}` as TaskId) : undefined;
    if (task) return ok(task);
    if (job.ok) {
      const range = taskIndexes(job.value);
      return refuseFor('not-found', 'no-task-of-that-index', {
        job: job.value.id,
        index: dot[2],
        first: range.first,
        last: range.last,
      });
    }
  }
  const job = findJob(state, text);
  if (!job.ok) return refuseFor('not-found', 'no-such-task', { named: text });
  const { first, last } = taskIndexes(job.value);
  const only = first === last ? state.tasks.get(`${job.value.id}.${first}` as TaskId) : undefined;
  return only
    ? ok(only)
    : refuseFor('misuse', 'several-tasks', {
        job: job.value.id,
        tasks: last - first + 1,
        first,
      });
}

/** Tasks of a job that some PC has. */
export function activeTasksOf(state: LabState, job: Job): Task[] {
  return [...(state.index.activeOf.get(job.id) ?? [])].flatMap((id) => state.tasks.get(id) ?? []);
}
