import { expect, test } from 'vitest';
import { jobId } from '../../../../shared/domain/ids.ts';
import { newTask, taskIndexes } from '../../../../src-main/core/state/new-task.ts';
import { ToldLab } from '../told-lab.ts';

test('a new task waits, was nowhere and has used nothing', () => {
  expect(newTask(jobId('7'), 3)).toMatchObject({
    ...{ id: '7.3', job: '7', index: 3, state: 'queued', epoch: 0, attempt: null },
    ...{ checkpoints: [], cpuSeconds: 0, startedAt: null, home: null, heldFor: null, broke: [] },
  });
});

test('no two tasks share what is changed of one', () => {
  const [a, b] = [newTask(jobId('7'), 1), newTask(jobId('7'), 2)];
  a.avoid.push('pc-01' as never);
  a.migrations.push({} as never);
  expect([b.avoid, b.migrations]).toEqual([[], []]);
});

test.each([
  [null, { first: 0, last: 0 }],
  [
    { first: 4, last: 4 },
    { first: 4, last: 4 },
  ],
  [
    { first: 0, last: 99_999 },
    { first: 0, last: 99_999 },
  ],
])('the array %j has the indexes %j', (array, indexes) => {
  expect(taskIndexes(new ToldLab().job({ array }))).toEqual(indexes);
});
