import { taskIdOf } from '../domain/ids.ts';
import type { JobDetail, TaskView } from './views.ts';

export type WholeJob = Omit<JobDetail, 'alike' | 'next'>;

/** All that an answer tells of tasks, those that are told as one spelt out. */
export function allTasksOf(job: Pick<JobDetail, 'id' | 'tasks' | 'alike'>): TaskView[] {
  const { tasks, alike } = job;
  if (!alike) return tasks;
  const spelt = tasks.slice();
  for (let index = alike.first; index <= alike.last; index += 1) {
    spelt.push({
      ...alike.like,
      id: taskIdOf(job.id, index),
      index,
      ahead: alike.like.ahead === null ? null : alike.like.ahead + index - alike.first,
    });
  }
  return spelt;
}

/** Asks on until a job has all its tasks, however many; others are answered in between. */
export async function wholeJob(
  first: JobDetail,
  more: (from: number) => Promise<JobDetail>,
): Promise<WholeJob> {
  const { alike: _, next, ...job } = first;
  const tasks = allTasksOf(first);
  for (let from = next; from !== undefined;) {
    const part = await more(from);
    for (const task of allTasksOf(part)) tasks.push(task);
    from = part.next;
  }
  return { ...job, tasks };
}
