import type { JobDetail, TaskView } from '../../shared/api/views.ts';
import type { Witness } from '../ports/practice-witness.ts';
import type { Head, World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import type { Story } from './story.ts';

export const pcs = 3;
export const sliceCount = 6;
export const sliceBytes = 5 * 1024 * 1024;
/** How often the player looks. */
export const look = 250;

export interface Night {
  readonly world: World;
  readonly story: Story;
  readonly witness: Witness;
  readonly keep: boolean;
}

export interface Jobs {
  readonly archives: string;
  readonly calibrate: string;
  readonly primes: string;
  readonly slices: readonly { readonly index: number; readonly path: string }[];
}

/** Of this night's own jobs: a home that was chosen may hold others. */
export const details = async (api: Head['api'], jobs: Jobs): Promise<JobDetail[]> =>
  Promise.all([jobs.archives, jobs.calibrate, jobs.primes].map((job) => api.jobs.get({ job })));

export async function longTask(head: Head, jobs: Jobs): Promise<TaskView> {
  const [task] = (await head.api.jobs.get({ job: jobs.primes })).tasks;
  if (!task) throw new Refused('failed', 'the long job has no task');
  return task;
}

export async function logOf(head: Head, task: string): Promise<string> {
  let text = '';
  for await (const piece of await head.api.jobs.logs({ task, follow: false })) text += piece.text;
  return text;
}
