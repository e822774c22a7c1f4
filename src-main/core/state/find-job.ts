import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { parseTaskId, type JobId, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { taskIndexes } from './new-task.ts';
import type { LabState } from './state.ts';

/** A job by id, or the newest one of that name. */
export function findJob(state: LabState, text: string): Result<Job> {
  const byId = state.jobs.get(text as JobId);
  if (byId) return ok(byId);
  let newest: Job | undefined;
  for (const job of state.jobs.values()) if (job.spec.name === text) newest = job;
  return newest
    ? ok(newest)
    : refuse('not-found', `there is no job "${text}"; nightshift jobs lists them.`);
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
      return refuse(
        'not-found',
        `job ${job.value.id} has no task ${dot[2]}; its tasks are ${job.value.id}.${range.first} to ${job.value.id}.${range.last}.`,
      );
    }
  }
  const job = findJob(state, text);
  if (!job.ok)
    return refuse('not-found', `there is no task "${text}"; nightshift jobs lists the jobs.`);
  const { first, last } = taskIndexes(job.value);
  const only = first === last ? state.tasks.get(`${job.value.id}.${first}` as TaskId) : undefined;
  return only
    ? ok(only)
    : refuse(
        'misuse',
        `job ${job.value.id} has ${last - first + 1} tasks; name one, such as ${job.value.id}.${first}.`,
      );
}

/** Tasks of a job that some PC has. */
export function activeTasksOf(state: LabState, job: Job): Task[] {
  return [...(state.index.activeOf.get(job.id) ?? [])].flatMap((id) => state.tasks.get(id) ?? []);
}
