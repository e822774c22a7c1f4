import { millis } from '../../../shared/base/units.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import { taskIndexes } from '../lab/state.ts';

/** What a member is told of a task: the job with `{task}` replaced by the index. */
export function taskSpecOf(job: Job, task: Task): TaskSpec {
  const { spec } = job;
  const fill = (text: string): string => text.replaceAll('{task}', String(task.index));
  const { first, last } = taskIndexes(job);
  const used = task.cpuSeconds * 1000;
  return {
    task: task.id,
    name: spec.name,
    index: task.index,
    command: spec.command.map(fill),
    environment: {
      ...spec.environment,
      NIGHTSHIFT_JOB: job.id,
      NIGHTSHIFT_TASK: String(task.index),
      NIGHTSHIFT_TASK_ID: task.id,
      // The names that scripts written for Slurm and PBS look for.
      SLURM_JOB_ID: job.id,
      SLURM_JOB_NAME: spec.name,
      SLURM_CPUS_PER_TASK: String(spec.resources.cpus),
      PBS_JOBID: job.id,
      ...(spec.array && {
        SLURM_ARRAY_JOB_ID: job.id,
        SLURM_ARRAY_TASK_ID: String(task.index),
        SLURM_ARRAY_TASK_MIN: String(first),
        SLURM_ARRAY_TASK_MAX: String(last),
        SLURM_ARRAY_TASK_COUNT: String(last - first + 1),
        PBS_ARRAYID: String(task.index),
        PBS_ARRAY_INDEX: String(task.index),
      }),
    },
    cpus: spec.resources.cpus,
    memory: spec.resources.memory,
    // Time in which it could run is at least its processor time over its processors; the member counts exactly from here.
    wallTimeLeft:
      spec.resources.wallTime === null
        ? null
        : millis(Math.max(1000, spec.resources.wallTime - used / spec.resources.cpus)),
    inputs: spec.inputs.filter(
      (input) => input.onlyTask === undefined || input.onlyTask === task.index,
    ),
    outputs: spec.outputs.map(fill),
    pack: spec.pack,
    portable: spec.portable,
  };
}
