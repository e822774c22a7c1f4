import { describe, expect, test } from 'vitest';
import { gibibytes, hours, millis, seconds } from '../../../../shared/base/units.ts';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import { taskSpecOf } from '../../../../src-main/core/attempts/task-spec-of.ts';
import { hashOf, ToldLab } from '../told-lab.ts';

function specOf(wish: Partial<JobSpec>, index = wish.array?.first ?? 0, cpuSeconds = 0) {
  const lab = new ToldLab();
  const job = lab.job(wish);
  return taskSpecOf(job, { ...lab.task(`${job.id}.${index}`), cpuSeconds });
}
const array = { first: 3, last: 5 };

describe('a task of an array', () => {
  const spec = specOf({
    ...{ array, command: ['echo', '{task}', 'a{task}b{task}'], outputs: ['out-{task}.txt'] },
  });

  test('has its own index in its command and in what it is to leave', () => {
    expect(spec).toMatchObject({
      ...{ task: '1.3', index: 3, command: ['echo', '3', 'a3b3'], outputs: ['out-3.txt'] },
    });
  });

  test('finds its place in the array where scripts look for it', () => {
    expect(spec.environment).toMatchObject({
      ...{ NIGHTSHIFT_JOB: '1', NIGHTSHIFT_TASK: '3', NIGHTSHIFT_TASK_ID: '1.3' },
      ...{ SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_MIN: '3', SLURM_ARRAY_TASK_MAX: '5' },
      ...{ SLURM_ARRAY_TASK_COUNT: '3', SLURM_ARRAY_JOB_ID: '1', PBS_ARRAY_INDEX: '3' },
    });
  });
});

describe('a task that is no array', () => {
  test('keeps its words as they are, since they mean something to its program', () => {
    const spec = specOf({ command: ['xargs', '-I', '{task}'], outputs: ['{task}'] });
    expect([spec.command, spec.outputs]).toEqual([['xargs', '-I', '{task}'], ['{task}']]);
  });

  test('finds no place in an array', () => {
    const names = Object.keys(specOf({}).environment).filter((name) => name.includes('ARRAY'));
    expect(names).toEqual([]);
  });
});

describe('the environment', () => {
  test('tells what the job asked for', () => {
    const resources = { cpus: 3, memory: gibibytes(2), wallTime: null };
    expect(specOf({ name: 'work', owner: 'ada', resources }).environment).toMatchObject({
      ...{ SLURM_CPUS_PER_TASK: '3', NCPUS: '3', PBS_NUM_PPN: '3', SLURM_MEM_PER_NODE: '2048' },
      ...{ SLURM_JOB_NAME: 'work', SLURM_JOB_USER: 'ada', SLURM_SUBMIT_DIR: '/task' },
    });
    expect(specOf({}).environment).not.toHaveProperty('SLURM_MEM_PER_NODE');
  });

  test('is the job’s own where it says so, but for who it is', () => {
    const environment = {
      SLURM_NTASKS: '9',
      MINE: 'x',
      NIGHTSHIFT_JOB: 'forged',
      SLURM_JOB_ID: '0',
    };
    expect(specOf({ environment }).environment).toMatchObject({
      ...{ SLURM_NTASKS: '9', MINE: 'x', NIGHTSHIFT_JOB: '1', SLURM_JOB_ID: '1' },
    });
  });
});

describe('wall time that is left', () => {
  test.each<[string, number | null, number, number, number | null]>([
    ['is not limited where the job says none', null, 1, 9, null],
    ['is all of it at first', hours(1), 1, 0, hours(1)],
    ['is less by the time for which it must have run', hours(1), 1, 600, hours(1) - seconds(600)],
    [
      'is less by a part where it has several processors',
      hours(1),
      4,
      600,
      hours(1) - seconds(150),
    ],
    ['is never less than a second', hours(1), 1, 99_999, 1000],
  ])('%s', (_what, wallTime, cpus, cpuSeconds, left) => {
    const limit = wallTime === null ? null : millis(wallTime);
    const wish = { resources: { cpus, memory: null, wallTime: limit } };
    expect(specOf(wish, 0, cpuSeconds).wallTimeLeft).toBe(left);
  });
});

describe('inputs', () => {
  const input = (path: string, onlyTask?: number) => ({
    ...{ path, hash: hashOf('a'), size: 1, executable: false },
    ...(onlyTask === undefined ? {} : { onlyTask }),
  });
  const folder = (path: string, onlyTask: number) => ({
    ...{ kind: 'folder' as const, path, mode: 0o755, mtime: '1', onlyTask },
  });

  test('are those of all and its own', () => {
    const wish = { array, inputs: [input('all'), input('three', 3), input('four', 4)] };
    const paths = (index: number) => specOf(wish, index).inputs.map(({ path }) => path);
    expect([paths(3), paths(4), paths(5)]).toEqual([['all', 'three'], ['all', 'four'], ['all']]);
  });

  test('have folders and links among them only where there are any', () => {
    const wish = { array, inputNodes: [folder('d', 4)] };
    expect(specOf(wish, 3)).not.toHaveProperty('inputNodes');
    expect(specOf(wish, 4).inputNodes).toMatchObject([{ path: 'd' }]);
  });

  test('for the task 0 are not for all', () => {
    const wish = { array: { first: 0, last: 1 }, inputs: [input('zero', 0)] };
    expect([specOf(wish, 0), specOf(wish, 1)].map(({ inputs }) => inputs.length)).toEqual([1, 0]);
  });
});
