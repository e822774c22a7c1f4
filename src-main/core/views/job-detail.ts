import type { JobDetail } from '../../../shared/api/views.ts';
import { bytes, type EpochMillis } from '../../../shared/base/units.ts';
import { taskIdOf, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import { taskIndexes } from '../state/new-task.ts';
import type { LabState } from '../state/state.ts';
import { untouchedTask } from '../state/task-book.ts';
import { jobView } from './job-view.ts';
import { taskView } from './task-view.ts';
import { waitingReasons } from './waiting-because.ts';

/** A job of no more tasks is told as a whole. */
const smallJob = 1000;
/** Tasks of a larger one in one answer: to tell them takes the head a few milliseconds. */
const pageLength = 250;
/** So many tasks that are alike are worth telling as one. */
const manyAlike = 50;

type Part = Pick<JobDetail, 'tasks' | 'alike' | 'next'>;

/** With its tasks from this index on, or the beginning of them. */
export function jobFrom(state: LabState, job: Job, now: EpochMillis, from: number): JobDetail {
  const { first, last } = taskIndexes(job);
  const isSmall = last - first < smallJob;
  const untouched = state.index.queue.untouchedOf(job.id);
  const { tell, alike } = teller(state, job, now);
  const part: Part = { tasks: [] };
  for (let index = Math.max(from, first); index <= last; index += 1) {
    if (!isSmall && part.tasks.length >= pageLength)
      return detail(state, job, { ...part, next: index });
    const until = isSmall ? undefined : untouched.runFrom(index);
    if (until !== undefined && until - index >= manyAlike) {
      const rest = until < last ? { next: until + 1 } : {};
      return detail(state, job, { ...part, ...alike(index, until), ...rest });
    }
    part.tasks.push(...tell(taskIdOf(job.id, index)));
  }
  return detail(state, job, part);
}

/** With the one task of this index, if it has such. */
export function jobWithTask(state: LabState, job: Job, now: EpochMillis, index: number): JobDetail {
  const tasks = teller(state, job, now).tell(taskIdOf(job.id, index));
  return detail(state, job, { tasks });
}

/** With those of these tasks that are its own, and with those that run. Null when they are too many for one answer. */
export function jobWithTasks(
  state: LabState,
  job: Job,
  now: EpochMillis,
  changed: ReadonlySet<TaskId>,
): JobDetail | null {
  const { tell } = teller(state, job, now);
  const wanted = new Set<TaskId>();
  const own = `${job.id}.`;
  for (const id of changed) if (id.startsWith(own)) wanted.add(id);
  // What runs uses processor time, which is no event.
  for (const id of state.index.active) if (id.startsWith(own)) wanted.add(id);
  if (wanted.size > smallJob) return null;
  const tasks = [...wanted].flatMap(tell).sort((a, b) => a.index - b.index);
  return detail(state, job, { tasks });
}

function detail(state: LabState, job: Job, part: Part): JobDetail {
  const { tasks: counts, ...rest } = jobView(state, job);
  const { resources, pack } = job.spec;
  return {
    ...rest,
    counts,
    ...part,
    cpus: resources.cpus,
    memory: resources.memory === null ? null : bytes(resources.memory),
    wallTime: resources.wallTime,
    pack,
  };
}

function teller(state: LabState, job: Job, now: EpochMillis) {
  const whyItWaits = waitingReasons(state, job);
  return {
    tell: (id: TaskId): JobDetail['tasks'] => {
      const task = state.tasks.get(id);
      return task ? [taskView(state, job, task, now, whyItWaits(task))] : [];
    },
    alike: (first: number, last: number): Pick<JobDetail, 'alike'> => {
      const task = untouchedTask(job, first);
      return { alike: { first, last, like: taskView(state, job, task, now, whyItWaits(task)) } };
    },
  };
}
