import { expect, test } from 'vitest';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import { jobOutputs } from '../../../../src-main/core/views/job-outputs.ts';
import { hashOf, ToldLab } from '../told-lab.ts';

const file = (path: string) => ({ path, hash: hashOf('a'), size: 1, executable: false });

function outputs(lab: ToldLab, from = 0, job = '1') {
  const found = jobOutputs(lab.state, job, from);
  return found.ok ? found.value : found.error.kind;
}
/** A job whose tasks of these indexes are done, with so many files each. */
function told(done: readonly number[], files = 1, wish: Partial<JobSpec> = {}): ToldLab {
  const lab = new ToldLab();
  lab.pc('a', { processors: 99 });
  const job = lab.job({ array: { first: 1, last: 9 }, ...wish });
  for (const index of done) {
    const task = lab.runs('a', job, index);
    const end = {
      e: 'task-done',
      task: task.id,
      exitCode: 0,
      log: hashOf('b'),
      cpuSeconds: 1,
    } as const;
    lab.happens({ ...end, outputs: Array.from({ length: files }, (_, at) => file(`f${at}`)) });
  }
  return lab;
}

test('results are told of tasks that were ever placed, in order, from an index on', () => {
  const lab = told([2, 3, 7]);
  const indexes = (from: number) =>
    (outputs(lab, from) as { index: number }[]).map(({ index }) => index);
  expect([indexes(0), indexes(3), indexes(4), indexes(8)]).toEqual([[2, 3, 7], [3, 7], [7], []]);
  expect(outputs(lab)).toMatchObject([
    { task: '1.2', files: [file('f0')], nodes: [], log: hashOf('b'), logName: 'task.log' },
    {},
    {},
  ]);
});

test('results of many files are told in parts', () => {
  const lab = told([1, 2, 3, 4], 1000);
  expect((outputs(lab) as unknown[]).length).toBe(2);
  expect((outputs(lab, 3) as unknown[]).length).toBe(2);
});

test('nobody’s results are not found', () => {
  expect(outputs(new ToldLab(), 0, '9')).toBe('not-found');
  expect(outputs(told([]))).toEqual([]);
});

test.each<[string, string]>([
  ['{name}-{task}.out', 'work-1.out'],
  ['{job}/{owner}.log', '1/ada.log'],
  ['../../etc/passwd', 'etc/passwd'],
  ['/abs/./log', 'abs/log'],
  ['..', 'task.log'],
  ['', 'task.log'],
  ['{other}', '{other}'],
])('a log that is to be called "%s" is called "%s"', (logName, expected) => {
  expect(outputs(told([1], 0, { logName }))).toMatchObject([{ logName: expected }]);
});

test('a name with slashes in it makes no folders', () => {
  expect(outputs(told([1], 0, { logName: '{name}.log', name: 'a/../b\\c' }))).toMatchObject([
    { logName: 'a-..-b-c.log' },
  ]);
});
