import { millis } from '../../../shared/base/units.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import { taskIndexes } from '../state/new-task.ts';

/** What a member is told of a task: the job with, in an array, `{task}` replaced by the index. */
export function taskSpecOf(job: Job, task: Task): TaskSpec {
  const { spec } = job;
  // Outside an array the words are the program's own: `xargs -I {task}` means something else by them.
  const fill = (text: string): string =>
    spec.array === null ? text : text.replaceAll('{task}', String(task.index));
  const { first, last } = taskIndexes(job);
  const isFor = ({ onlyTask }: { readonly onlyTask?: number | undefined }): boolean =>
    onlyTask === undefined || onlyTask === task.index;
  const used = task.cpuSeconds * 1000;
  return {
    task: task.id,
    name: spec.name,
    index: task.index,
    command: spec.command.map(fill),
    environment: {
      ...batchVariables(job, task),
      ...spec.environment,
      NIGHTSHIFT_JOB: job.id,
      NIGHTSHIFT_TASK: String(task.index),
      NIGHTSHIFT_TASK_ID: task.id,
      SLURM_JOB_ID: job.id,
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
    inputs: spec.inputs.filter(isFor),
    ...(spec.inputNodes?.some(isFor) && { inputNodes: spec.inputNodes.filter(isFor) }),
    outputs: spec.outputs.map(fill),
    pack: spec.pack,
    portable: spec.portable,
  };
}

/**
 * The names that scripts written for Slurm and PBS look for, as far as they mean something here; a job may set them
 * otherwise. The task's directory is the one it was submitted from: its inputs stand there.
 */
function batchVariables({ spec }: Job, task: Task): Record<string, string> {
  const cpus = String(spec.resources.cpus);
  const { memory } = spec.resources;
  return {
    SLURM_JOBID: task.job,
    SLURM_JOB_NAME: spec.name,
    SLURM_JOB_USER: spec.owner,
    SLURM_SUBMIT_DIR: '/task',
    SLURM_CPUS_PER_TASK: cpus,
    SLURM_CPUS_ON_NODE: cpus,
    SLURM_JOB_CPUS_PER_NODE: cpus,
    SLURM_NTASKS: '1',
    SLURM_NPROCS: '1',
    SLURM_NNODES: '1',
    SLURM_JOB_NUM_NODES: '1',
    SLURM_NODELIST: 'task',
    SLURM_JOB_NODELIST: 'task',
    SLURM_PROCID: '0',
    SLURM_LOCALID: '0',
    SLURM_NODEID: '0',
    ...(memory === null ? {} : { SLURM_MEM_PER_NODE: String(Math.floor(memory / 1024 ** 2)) }),
    PBS_JOBNAME: spec.name,
    PBS_O_WORKDIR: '/task',
    PBS_O_LOGNAME: spec.owner,
    PBS_NP: cpus,
    PBS_NUM_PPN: cpus,
    PBS_NUM_NODES: '1',
    PBS_ENVIRONMENT: 'PBS_BATCH',
    NCPUS: cpus,
  };
}
