import { describe, expect, test } from 'vitest';
import { activeTasksOf, findJob, findTask } from '../../../../src-main/core/state/find-job.ts';
import { refusalOf, ToldLab } from '../told-lab.ts';

const lab = new ToldLab();
lab.pc('pc-01');
const old = lab.job({ name: 'render' });
const array = lab.job({ name: 'render', array: { first: 3, last: 5 } });
// Called what is the id of another one, and what looks like a task.
lab.job({ name: '1' });
lab.job({ name: '2.9' });

describe('a job is found', () => {
  test.each([
    ['1', old.id],
    ['2', array.id],
    // By name the newest; an id goes before a name.
    ['render', array.id],
    ['2.9', '4'],
  ])('by "%s"', (text, id) => {
    expect(findJob(lab.state, text)).toMatchObject({ ok: true, value: { id } });
  });

  test.each(['', '9', 'Render', ' 1', '01'])('by no other text, such as "%s"', (text) => {
    expect(refusalOf(findJob(lab.state, text))).toMatch(/^not-found: /);
  });
});

describe('a task is found', () => {
  test.each([
    ['2.3', '2.3'],
    ['render.5', '2.5'],
    // Of a job of one task the job's name will do.
    ['1', '1.0'],
  ])('by "%s"', (text, id) => {
    expect(findTask(lab.state, text)).toMatchObject({ ok: true, value: { id } });
  });

  test.each([
    ['2.6', 'not-found', 'its tasks are 2.3 to 2.5'],
    ['2.2', 'not-found', 'its tasks are 2.3 to 2.5'],
    // A number after a job's id is a task of it, whatever another job is called.
    ['2.9', 'not-found', 'its tasks are 2.3 to 2.5'],
    ['render', 'misuse', 'has 3 tasks; name one, such as 2.3'],
    ['nobody.1', 'not-found', 'there is no task "nobody.1"'],
    ['', 'not-found', 'there is no task ""'],
    ['2.03', 'not-found', ''],
  ])('not by "%s"', (text, kind, words) => {
    expect(refusalOf(findTask(lab.state, text))).toMatch(new RegExp(`^${kind}: .*${words}`));
  });
});

test('the active tasks of a job are those that some PC has', () => {
  expect(activeTasksOf(lab.state, array)).toEqual([]);
  lab.starts('pc-01', array, 4);
  lab.runs('pc-01', array, 5);
  expect(activeTasksOf(lab.state, array).map(({ id }) => id)).toEqual(['2.4', '2.5']);
  lab.ends(lab.task('2.4'));
  expect(activeTasksOf(lab.state, array).map(({ id }) => id)).toEqual(['2.5']);
});
