import { describe, expect, test } from 'vitest';
import { jobFrom, jobWithTask, jobWithTasks } from '../../../../src-main/core/views/job-detail.ts';
import { ToldLab } from '../told-lab.ts';

function told(count: number, running: readonly number[] = []) {
  const lab = new ToldLab();
  lab.pc('a', { processors: 9999 });
  const job = lab.job({ array: { first: 1, last: count } });
  for (const index of running) lab.runs('a', job, index);
  const from = (index: number) => {
    const { tasks, alike, next } = jobFrom(lab.state, job, lab.turn().wall, index);
    const told = tasks.map(({ index }) => index);
    return {
      told: [told[0], told.at(-1), told.length],
      alike: alike && [alike.first, alike.last],
      next,
    };
  };
  return { lab, job, from };
}

describe('a job is told', () => {
  test('as a whole where it is small', () => {
    expect(told(1000).from(0)).toEqual({
      told: [1, 1000, 1000],
      alike: undefined,
      next: undefined,
    });
  });

  test('as tasks that are alike where it is large and waits', () => {
    expect(told(2000).from(0)).toEqual({
      told: [undefined, undefined, 0],
      alike: [1, 2000],
      next: undefined,
    });
  });

  test('with what is placed, then what is alike, and where to go on', () => {
    const { from } = told(2000, [1, 2, 500]);
    expect(from(0)).toEqual({ told: [1, 2, 2], alike: [3, 499], next: 500 });
    expect(from(500)).toEqual({ told: [500, 500, 1], alike: [501, 2000], next: undefined });
    expect(from(9999)).toEqual({
      told: [undefined, undefined, 0],
      alike: undefined,
      next: undefined,
    });
  });

  test('a page at a time where each is another', () => {
    const { from } = told(
      1001,
      Array.from({ length: 600 }, (_, at) => at + 1),
    );
    expect(from(0)).toMatchObject({ told: [1, 250, 250], next: 251 });
    expect(from(551)).toMatchObject({ told: [551, 600, 50], alike: [601, 1001], next: undefined });
  });

  test('one by one where few are alike', () => {
    const odd = Array.from({ length: 100 }, (_, at) => 1 + at * 50);
    expect(told(5000, odd).from(1)).toMatchObject({ told: [1, 250, 250], next: 251 });
  });
});

test('with one task it has that one, or none where there is no such', () => {
  const { lab, job } = told(5);
  const indexes = (index: number) =>
    jobWithTask(lab.state, job, lab.turn().wall, index).tasks.map(({ index }) => index);
  expect([indexes(3), indexes(9)]).toEqual([[3], []]);
});

test('with tasks that changed it has these and those that run, of its own only, in order', () => {
  const { lab, job } = told(20, [2]);
  const other = lab.runs('a', lab.job());
  const changed = new Set([lab.task('1.10').id, lab.task('1.9').id, other.id]);
  const detail = jobWithTasks(lab.state, job, lab.turn().wall, changed);
  expect(detail?.tasks.map(({ id }) => id)).toEqual(['1.2', '1.9', '1.10']);
  expect(detail).toMatchObject({
    cpus: 1,
    memory: null,
    pack: 'base',
    counts: { running: 1, queued: 19 },
  });
});

test('with too many it has none, and who looks asks anew', () => {
  const { lab, job } = told(
    2000,
    Array.from({ length: 1001 }, (_, at) => at + 1),
  );
  expect(jobWithTasks(lab.state, job, lab.turn().wall, new Set())).toBeNull();
});
