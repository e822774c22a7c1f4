import { describe, expect, test } from 'vitest';
import { gibibytes } from '../../../../shared/base/units.ts';
import { epoch, jobId, memberId, taskIdOf } from '../../../../shared/domain/ids.ts';
import {
  addTasks,
  cancelUntouched,
  changeOpen,
  isInVain,
  reindexTask,
} from '../../../../src-main/core/state/reindex.ts';
import { because, checkpointOf, ToldLab } from '../told-lab.ts';

const three = { array: { first: 1, last: 3 } };
const [a, b] = [memberId('a'), memberId('b')];

function told(): ToldLab {
  const lab = new ToldLab();
  lab.pc('a');
  lab.pc('b');
  return lab;
}
const counts = (lab: ToldLab, job = '1') => {
  const { queued, running, suspended, done, failed, cancelled } =
    lab.state.index.tallies.get(jobId(job))?.counts ?? expect.fail('no tally');
  return [queued, running, suspended, done, failed, cancelled];
};
const open = (lab: ToldLab, job = '1') => lab.state.index.open.get(jobId(job));

describe('the tally of a job of three', () => {
  test('follows its tasks from waiting to their ends', () => {
    const lab = told();
    const job = lab.job(three);
    expect([counts(lab), open(lab)]).toEqual([[3, 0, 0, 0, 0, 0], 3]);
    const first = lab.runs('a', job, 1);
    expect([counts(lab), open(lab)]).toEqual([[2, 1, 0, 0, 0, 0], 3]);
    lab.saves(first, checkpointOf('a'), true);
    expect(counts(lab)).toEqual([2, 0, 1, 0, 0, 0]);
    lab.passes(5).ends(lab.runs('a', job, 1));
    expect([counts(lab), open(lab)]).toEqual([[2, 0, 0, 1, 0, 0], 2]);
    expect(lab.state.index.tallies.get(job.id)?.finishedAt).toBe(lab.wall);
    lab.ends(lab.runs('b', job, 2), 'failed');
    lab.happens({ e: 'task-cancelled', task: taskIdOf(job.id, 3) });
    expect([counts(lab), open(lab)]).toEqual([[0, 0, 0, 1, 1, 1], 0]);
    expect(lab.state.index.queue.size).toBe(0);
  });

  test('counts nothing twice when the same is told twice', () => {
    const lab = told();
    const task = lab.ends(lab.runs('a', lab.job(three)));
    reindexTask(lab.state, task, { state: task.state, machines: [] });
    lab.ends(task);
    expect([counts(lab), open(lab)]).toEqual([[2, 0, 0, 1, 0, 0], 2]);
  });

  test('keeps the latest end, in whatever order ends are told', () => {
    const lab = told();
    const job = lab.job(three);
    lab.passes(9000).ends(lab.runs('a', job, 1));
    const latest = lab.wall;
    lab.wall -= 5000;
    lab.ends(lab.runs('a', job, 2));
    expect(lab.state.index.tallies.get(job.id)?.finishedAt).toBe(latest);
  });
});

describe('what a PC holds', () => {
  test('is counted there, and on both while a task moves', () => {
    const lab = told();
    const used = () => [a, b].map((id) => lab.state.index.used.get(id)?.cpus ?? 0);
    const job = lab.job({ resources: { cpus: 2, memory: gibibytes(1), wallTime: null } });
    const task = lab.runs('a', job);
    expect(used()).toEqual([2, 0]);
    lab.moves(task, 'b');
    expect(used()).toEqual([2, 2]);
    expect(lab.state.index.used.get(b)?.memory).toBe(gibibytes(1));
    lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
    expect(used()).toEqual([0, 2]);
    expect([...(lab.state.index.on.get(b) ?? [])]).toEqual([task.id]);
    lab.ends(task);
    expect(used()).toEqual([0, 0]);
    expect(lab.state.index.active.size).toBe(0);
    expect(lab.state.index.activeOf.size).toBe(0);
  });
});

describe('jobs that wait for others', () => {
  test('are hopeless as soon as one of those failed, all down the line', () => {
    const lab = told();
    const first = lab.job();
    const second = lab.job({ afterOk: [first.id] });
    const third = lab.job({ afterOk: [second.id] });
    const other = lab.job({ after: [first.id] });
    lab.ends(lab.runs('a', first), 'failed');
    expect([...lab.state.index.hopeless]).toEqual([second.id, third.id]);
    expect([first, second, third, other].map(({ id }) => isInVain(lab.state, id))).toEqual([
      ...[true, true, true, false],
    ]);
    // Also who comes later.
    const late = lab.job({ afterOk: [third.id] });
    expect(isInVain(lab.state, late.id)).toBe(true);
  });

  test('wait on while those go well', () => {
    const lab = told();
    const first = lab.job();
    const second = lab.job({ afterOk: [first.id] });
    lab.ends(lab.runs('a', first));
    expect(isInVain(lab.state, second.id)).toBe(false);
  });

  test('are all told, also when one of them was hopeless before', () => {
    const lab = told();
    const [first, failed] = [lab.job(), lab.job()];
    const waiting = lab.job({ afterOk: [first.id] });
    const hopeless = lab.job({ afterOk: [first.id, failed.id] });
    lab.ends(lab.runs('a', failed), 'failed');
    expect([...lab.state.index.hopeless]).toEqual([hopeless.id]);
    lab.ends(lab.runs('a', first), 'failed');
    expect([...lab.state.index.hopeless]).toEqual([hopeless.id, waiting.id]);
  });

  test('may be ten thousand in a row', () => {
    const lab = told();
    const first = lab.job();
    for (let before = first.id, at = 0; at < 10_000; at += 1)
      before = lab.job({ afterOk: [before] }).id;
    lab.ends(lab.runs('a', first), 'failed');
    expect(lab.state.index.hopeless.size).toBe(10_000);
  });
});

test('a job is among those that are held or being cancelled while anything of it is open', () => {
  const lab = told();
  const { cancelling, holding } = lab.state.index;
  const job = lab.job(three);
  lab.happens({ e: 'job-held', job: job.id });
  expect([holding.has(job.id), cancelling.has(job.id)]).toEqual([true, false]);
  lab.happens({ e: 'job-cancelled', job: job.id });
  expect([holding.has(job.id), cancelling.has(job.id)]).toEqual([false, true]);
  changeOpen(lab.state, job, -3);
  expect(cancelling.has(job.id)).toBe(false);
});

test('a task that is held by itself is known by its job until it is let go', () => {
  const lab = told();
  const task = lab.runs('a');
  lab.happens({ e: 'task-held', task: task.id, reason: because });
  expect([...(lab.state.index.held.get(task.job) ?? [])]).toEqual([task.id]);
  lab.happens({ e: 'task-let-go', task: task.id });
  expect(lab.state.index.held.size).toBe(0);
});

describe('tasks without a record', () => {
  test('are cancelled with their job, at once, and those with a record are not', () => {
    const lab = told();
    const job = lab.job(three);
    lab.runs('a', job, 2);
    cancelUntouched(lab.state, job, lab.turn().wall);
    expect([counts(lab), open(lab)]).toEqual([[0, 1, 0, 0, 0, 2], 1]);
    expect(isInVain(lab.state, job.id)).toBe(true);
    expect(lab.task('1.1').state).toBe('cancelled');
    // A second time there are none.
    cancelUntouched(lab.state, job, lab.turn().wall);
    expect(counts(lab)).toEqual([0, 1, 0, 0, 0, 2]);
  });
});

describe('at the start of a head', () => {
  test('a job whose queue was cancelled comes back as cancelled', () => {
    const lab = told();
    const job = lab.job(three);
    const again = new ToldLab();
    const kept = { ...job, queueCancelledAt: lab.turn().wall };
    again.state.jobs.set(job.id, kept);
    addTasks(again.state, kept);
    expect([counts(again), open(again)]).toEqual([[0, 0, 0, 0, 0, 3], 0]);
    expect(isInVain(again.state, job.id)).toBe(true);
  });

  test('an archived job comes back as it ended, with nothing that waits', () => {
    const none = { queued: 0, running: 0, suspended: 0, done: 2, failed: 1, cancelled: 0 };
    const again = new ToldLab();
    const job = { ...told().job(three), archived: { counts: none, finishedAt: again.turn().wall } };
    again.state.jobs.set(job.id, job);
    addTasks(again.state, job);
    expect([counts(again), open(again), again.state.index.queue.size]).toEqual([
      ...[[0, 0, 0, 2, 1, 0], 0, 0],
    ]);
    expect(isInVain(again.state, job.id)).toBe(true);
  });
});
