import { expect, test } from 'vitest';
import type { JobView, TaskCounts } from '../../../../shared/api/views.ts';
import type { Job } from '../../../../shared/domain/job.ts';
import { jobState } from '../../../../src-main/core/views/job-view.ts';

const none: TaskCounts = { queued: 0, running: 0, suspended: 0, done: 0, failed: 0, cancelled: 0 };

test.each<[string, boolean, Partial<TaskCounts>, number, JobView['state']]>([
  ['that waits', false, { queued: 2 }, 0, 'queued'],
  ['of which something runs', false, { queued: 1, running: 1 }, 0, 'running'],
  ['of which something is done and something waits', false, { queued: 1, done: 1 }, 0, 'running'],
  ['that was saved', false, { queued: 1, suspended: 1 }, 0, 'suspended'],
  ['that is held while its tasks are still being saved', true, { running: 2 }, 0, 'held'],
  ['that is held', true, { suspended: 2 }, 0, 'held'],
  ['all of whose open tasks are held by themselves', false, { queued: 1, done: 1 }, 1, 'held'],
  ['some of whose tasks are held by themselves', false, { queued: 2, running: 1 }, 1, 'running'],
  ['that was held and is over all the same', true, { done: 2 }, 0, 'done'],
  ['of which anything failed', false, { done: 1, failed: 1, cancelled: 1 }, 0, 'failed'],
  ['that was cancelled', false, { done: 1, cancelled: 1 }, 0, 'cancelled'],
])('a job %s is in that state', (_what, held, counts, heldTasks, state) => {
  expect(jobState({ held } as Job, { ...none, ...counts }, heldTasks)).toBe(state);
});
