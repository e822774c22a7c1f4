import { describe, expect, test } from 'vitest';
import { jobId, memberId } from '../../../../shared/domain/ids.ts';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import {
  blockers,
  mayStart,
  neverStartsAfter,
  roomInJob,
  tasksAhead,
} from '../../../../src-main/core/plan/queue-order.ts';
import { checkpointOf, ToldLab } from '../told-lab.ts';

const tasks = (count: number): Partial<JobSpec> => ({ array: { first: 1, last: count } });

function told(): ToldLab {
  const lab = new ToldLab();
  lab.pc('a', { processors: 10 });
  return lab;
}

describe('a job that is to start after another', () => {
  test.each<[string, 'done' | 'failed' | null, string[], string[]]>([
    ['waits while that is open', null, ['1'], ['1']],
    ['starts when that is done', 'done', [], []],
    ['starts when that has failed, unless it needs its success', 'failed', [], ['1']],
  ])('%s', (_what, end, after, afterOk) => {
    const lab = told();
    const first = lab.job();
    const [any, good] = [lab.job({ after: [first.id] }), lab.job({ afterOk: [first.id] })];
    if (end) lab.ends(lab.runs('a', first), end);
    expect([blockers(lab.state, any), blockers(lab.state, good)]).toEqual([after, afterOk]);
    expect(neverStartsAfter(lab.state, good)).toEqual(end === 'failed' ? ['1'] : []);
    expect(neverStartsAfter(lab.state, any)).toEqual([]);
    expect(mayStart(lab.state, good)).toBe(afterOk.length > 0 ? 0 : Infinity);
  });

  test('that is not known any more is kept from nothing', () => {
    const job = told().job({ after: [jobId('77')], afterOk: [jobId('78')] });
    expect(blockers(told().state, job)).toEqual([]);
  });

  test('is not kept by itself, nor by none', () => {
    const lab = told();
    expect(mayStart(lab.state, lab.job())).toBe(Infinity);
  });
});

describe('of a job of three', () => {
  test.each([
    [undefined, Infinity],
    [null, Infinity],
    [2, 1],
    [1, 0],
    [3, 2],
  ])('that runs %s at once and has one running so many more may start: %d', (atOnce, more) => {
    const lab = told();
    const job = lab.job({ ...tasks(3), atOnce });
    lab.runs('a', job, 1);
    expect(roomInJob(lab.state, job)).toBe(more);
  });

  test('none may start while it is held or cancelled', () => {
    const lab = told();
    const job = lab.job(tasks(3));
    expect(mayStart(lab.state, job)).toBe(Infinity);
    lab.happens({ e: 'job-held', job: job.id });
    expect(mayStart(lab.state, job)).toBe(0);
    lab.happens({ e: 'job-resumed', job: job.id }, { e: 'job-cancelled', job: job.id });
    expect(mayStart(lab.state, job)).toBe(0);
  });
});

describe('how many are ahead of a task', () => {
  const ahead = (lab: ToldLab, id: string) => tasksAhead(lab.state)(lab.task(id));

  test('counts jobs before it and its own brothers', () => {
    const lab = told();
    lab.job(tasks(5));
    lab.job(tasks(3));
    expect(['1.1', '1.5', '2.1', '2.3'].map((id) => ahead(lab, id))).toEqual([0, 4, 5, 7]);
  });

  test('counts a job of higher priority that came later', () => {
    const lab = told();
    lab.job(tasks(2));
    lab.job({ ...tasks(3), priority: 1 });
    expect([ahead(lab, '1.1'), ahead(lab, '2.1')]).toEqual([3, 0]);
  });

  test('counts no more of a job than it runs at once', () => {
    const lab = told();
    lab.job({ ...tasks(5), atOnce: 2 });
    lab.job();
    expect(ahead(lab, '2.0')).toBe(2);
  });

  test.each<[string, (lab: ToldLab) => unknown]>([
    ['is held', (lab) => lab.happens({ e: 'job-held', job: jobId('1') })],
    ['is cancelled', (lab) => lab.happens({ e: 'job-cancelled', job: jobId('1') })],
  ])('counts nothing of a job that %s', (_what, change) => {
    const lab = told();
    lab.job(tasks(5));
    change(lab);
    lab.job();
    expect(ahead(lab, '2.0')).toBe(0);
  });

  test('counts nothing of a job that no PC which takes tasks could run', () => {
    const lab = told();
    lab.job({ ...tasks(5), pack: 'x' });
    lab.job();
    expect(ahead(lab, '2.0')).toBe(0);
    lab.pc('b', { packs: ['base', 'x'] });
    expect(ahead(lab, '2.0')).toBe(5);
    lab.happens({ e: 'member-lost', member: memberId('b') });
    expect(ahead(lab, '2.0')).toBe(0);
  });

  test('counts what was suspended before what is fresh', () => {
    const lab = told();
    const job = lab.job(tasks(3));
    lab.saves(lab.runs('a', job, 3), checkpointOf('a'), true);
    expect(['1.3', '1.1', '1.2'].map((id) => ahead(lab, id))).toEqual([0, 1, 2]);
  });

  test('is none of a task that does not wait', () => {
    const lab = told();
    lab.job(tasks(5));
    const task = lab.runs('a', lab.job());
    expect(ahead(lab, task.id)).toBe(0);
  });
});
