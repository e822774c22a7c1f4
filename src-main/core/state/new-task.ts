import { epoch, taskIdOf, type JobId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';

/** A task as it is when its job has just been submitted. */
export function newTask(job: JobId, index: number): Task {
  return {
    id: taskIdOf(job, index),
    job,
    index,
    state: 'queued',
    epoch: epoch(0),
    attempt: null,
    checkpoints: [],
    failures: 0,
    cpuSeconds: 0,
    exitCode: null,
    reason: null,
    outputs: [],
    log: null,
    migrations: [],
    startedAt: null,
    ranMs: 0,
    runningSince: null,
    lastMachine: null,
    finishedAt: null,
    restartsFromZero: 0,
    lostMs: 0,
    home: null,
    avoid: [],
    broke: [],
    heldFor: null,
  };
}

/** Indexes of a job's tasks: its array, or the one task 0. */
export function taskIndexes(job: Job): { readonly first: number; readonly last: number } {
  return job.spec.array ?? { first: 0, last: 0 };
}
