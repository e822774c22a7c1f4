import { describe, expect, test } from 'vitest';
import { epochMillis } from '../../../../shared/base/units.ts';
import { jobId, type TaskId } from '../../../../shared/domain/ids.ts';
import { newTask } from '../../../../src-main/core/state/new-task.ts';
import { TaskBook, untouchedTask } from '../../../../src-main/core/state/task-book.ts';
import { ToldLab } from '../told-lab.ts';

const id = (text: string): TaskId => text as TaskId;

describe('the book of a job with the tasks 2 to 4', () => {
  const lab = new ToldLab();
  const job = lab.job({ array: { first: 2, last: 4 } });
  const book = new TaskBook(lab.state.jobs);

  test('holds no record of what only ever waited, and knows it all the same', () => {
    expect(book.size).toBe(0);
    expect(book.get(id('1.2'))).toMatchObject({ id: '1.2', state: 'queued' });
    expect(book.has(id('1.2'))).toBe(false);
    // What is made on the spot is no record: changes are lost.
    Object.assign(book.get(id('1.3')) ?? {}, { state: 'done' });
    expect(book.get(id('1.3'))?.state).toBe('queued');
  });

  test.each(['1.1', '1.5', '2.2', '1.02', '1', '', '1.2.3', '-1.2'])(
    'knows no task "%s"',
    (text) => {
      expect(book.get(id(text))).toBeUndefined();
      expect(book.record(id(text))).toBeUndefined();
    },
  );

  test('makes a record once, and keeps its changes', () => {
    const task = book.record(id('1.4'));
    if (task) task.state = 'running';
    expect(book.record(id('1.4'))).toBe(task);
    expect(book.get(id('1.4'))?.state).toBe('running');
    expect([...book.keys()]).toEqual(['1.4']);
  });

  test('tells tasks that were never placed as cancelled once the job was', () => {
    job.queueCancelledAt = epochMillis(5);
    expect(untouchedTask(job, 3)).toMatchObject({ state: 'cancelled', finishedAt: 5 });
    expect(book.get(id('1.3'))?.state).toBe('cancelled');
    job.queueCancelledAt = null;
    expect(untouchedTask(job, 3)).toMatchObject({ state: 'queued', finishedAt: null });
  });

  test('looks tasks of an archived job up, and only those', () => {
    const asked: string[] = [];
    book.lookUpIn((task) => {
      asked.push(task);
      return task === '1.2' ? { ...newTask(jobId('1'), 2), state: 'done' } : undefined;
    });
    expect(book.get(id('1.2'))?.state).toBe('queued');
    const none = { queued: 0, running: 0, suspended: 0, done: 3, failed: 0, cancelled: 0 };
    job.archived = { counts: none, finishedAt: epochMillis(1) };
    expect(book.get(id('1.2'))?.state).toBe('done');
    expect(book.get(id('1.3'))?.state).toBe('queued');
    expect(book.get(id('1.9'))).toBeUndefined();
    expect(asked).toEqual(['1.2', '1.3']);
  });
});
