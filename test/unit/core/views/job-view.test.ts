import { describe, expect, test } from 'vitest';
import { jobState, jobView, jobViews } from '../../../../src-main/core/views/job-view.ts';
import { ToldLab } from '../told-lab.ts';

const none = { queued: 0, running: 0, suspended: 0, done: 0, failed: 0, cancelled: 0 };
const job = (held = false) => ({ ...new ToldLab().job(), held });

test.each([
  ['waits', { queued: 3 }, false, 0, 'queued'],
  ['runs', { queued: 3, running: 1 }, false, 0, 'running'],
  ['has begun and waits for room', { queued: 3, done: 1 }, false, 0, 'running'],
  ['was suspended', { queued: 1, suspended: 1, done: 4 }, false, 0, 'suspended'],
  ['is held', { queued: 1, suspended: 1 }, true, 0, 'held'],
  ['is held and still runs', { running: 1 }, true, 0, 'held'],
  ['has nothing left but what is held', { queued: 2, done: 1 }, false, 2, 'held'],
  ['has one task that is held', { queued: 2 }, false, 1, 'queued'],
  ['is done', { done: 3 }, false, 0, 'done'],
  ['has one failure', { done: 3, failed: 1, cancelled: 1 }, false, 0, 'failed'],
  ['was cancelled', { done: 3, cancelled: 1 }, true, 0, 'cancelled'],
  ['has no tasks at all', {}, false, 0, 'done'],
])('a job that %s is "%5$s"', (_what, counts, held, heldTasks, state) => {
  expect(jobState(job(held), { ...none, ...counts }, heldTasks)).toBe(state);
});

describe('the view of a job', () => {
  test('tells its tasks, and when it ended only once it has', () => {
    const lab = new ToldLab();
    lab.pc('a');
    const job = lab.job({ array: { first: 1, last: 2 } });
    lab.ends(lab.runs('a', job, 1));
    expect(jobView(lab.state, job)).toMatchObject({
      ...{ id: '1', name: 'work', owner: 'ada', state: 'running', finishedAt: null },
      tasks: { ...none, queued: 1, done: 1 },
    });
    lab.passes(5).ends(lab.runs('a', job, 2));
    expect(jobView(lab.state, job)).toMatchObject({ state: 'done', finishedAt: lab.wall });
  });

  test('says why it never starts only where something of it waits', () => {
    const lab = new ToldLab();
    lab.pc('a');
    const first = lab.job();
    const second = lab.job({ afterOk: [first.id] });
    expect(jobView(lab.state, second)).not.toHaveProperty('neverStarts');
    lab.ends(lab.runs('a', first), 'failed');
    expect(jobView(lab.state, second)).toHaveProperty('neverStarts');
    lab.happens({ e: 'job-queue-cancelled', job: second.id });
    expect(jobView(lab.state, second)).not.toHaveProperty('neverStarts');
  });

  test('shows no more of a command than fits, and does not change with the lab', () => {
    const lab = new ToldLab();
    const view = jobView(lab.state, lab.job({ command: ['echo', 'x'.repeat(9999)] }));
    expect(view.command).toHaveLength(300);
    view.tasks.queued = 99;
    expect(jobViews(lab.state).map(({ tasks }) => tasks.queued)).toEqual([1]);
  });

  test('of an empty lab is none, and jobs come in the order in which they were submitted', () => {
    const lab = new ToldLab();
    expect(jobViews(lab.state)).toEqual([]);
    lab.job();
    lab.job({ priority: 9 });
    expect(jobViews(lab.state).map(({ id }) => id)).toEqual(['1', '2']);
  });
});
