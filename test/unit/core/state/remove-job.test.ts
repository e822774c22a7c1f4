import { describe, expect, test } from 'vitest';
import { epoch, jobId } from '../../../../shared/domain/ids.ts';
import {
  archiveJob,
  keepForReport,
  recordsOf,
  removeJob,
} from '../../../../src-main/core/state/remove-job.ts';
import { because, hashOf, ToldLab } from '../told-lab.ts';

/** A job of 1–3 of which the second failed after a move, and the others are done or were never placed. */
function told() {
  const lab = new ToldLab();
  lab.pc('a');
  lab.pc('b');
  lab.happens({ e: 'night-opened', night: 1 }).passes(1000);
  const job = lab.job({ array: { first: 1, last: 3 } });
  const task = lab.runs('a', job, 2);
  lab.moves(task, 'b');
  lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
  lab.tells(task, {
    ...{ e: 'task-failed', task: task.id, exitCode: 1, reason: because, outputs: [] },
    ...{ log: hashOf('a'), cpuSeconds: 1 },
  });
  lab.ends(lab.runs('a', job, 1));
  return { lab, job };
}

describe('a job that is removed', () => {
  test('leaves nothing in the lab but what the report tells of its night', () => {
    const { lab, job } = told();
    lab.happens({ e: 'job-queue-cancelled', job: job.id });
    removeJob(lab.state, job.id);
    const { jobs, tasks, index, night } = lab.state;
    expect([jobs.size, tasks.size, index.queue.size]).toEqual([0, 0, 0]);
    expect([index.open, index.tallies, index.awaitedBy].map(({ size }) => size)).toEqual([0, 0, 0]);
    expect(index.unsuccessful.size).toBe(0);
    expect(night.gone).toMatchObject({
      moves: [{ task: '1.2', from: 'a', to: 'b' }],
      failures: [{ task: '1.2', reason: because }],
    });
    expect(night.tasksDone).toBe(1);
  });

  test('is no longer waited for, and others that wait for the same stay', () => {
    const lab = new ToldLab();
    const first = lab.job();
    const [second, third] = [lab.job({ afterOk: [first.id] }), lab.job({ afterOk: [first.id] })];
    removeJob(lab.state, second.id);
    expect(lab.state.index.awaitedBy.get(first.id)).toEqual([third.id]);
    removeJob(lab.state, third.id);
    expect(lab.state.index.awaitedBy.size).toBe(0);
  });

  test('twice, or that never was, changes nothing', () => {
    const { lab, job } = told();
    removeJob(lab.state, job.id);
    const before = structuredClone(lab.state.night);
    removeJob(lab.state, job.id);
    removeJob(lab.state, jobId('99'));
    expect(lab.state.night).toEqual(before);
  });
});

describe('a job that is archived', () => {
  test('keeps its counts, gives up its tasks and says which blobs they left', () => {
    const { lab, job } = told();
    lab.happens({ e: 'job-queue-cancelled', job: job.id });
    expect(archiveJob(lab.state, job.id)).toEqual(new Set([hashOf('a')]));
    expect(job.archived).toMatchObject({ counts: { done: 1, failed: 1, cancelled: 1 } });
    expect(lab.state.tasks.size).toBe(0);
    expect(lab.state.jobs.has(job.id)).toBe(true);
    // What it was is not counted on, whatever the index does later.
    const tally = lab.state.index.tallies.get(job.id);
    if (tally) tally.counts.done = 9;
    expect(job.archived?.counts.done).toBe(1);
  });

  test('that never was leaves nothing', () => {
    expect(archiveJob(new ToldLab().state, jobId('9'))).toEqual(new Set());
  });
});

test('records of a job are told in order, without tasks that only ever waited', () => {
  const { lab, job } = told();
  expect([...recordsOf(lab.state, job)].map(({ id }) => id)).toEqual(['1.1', '1.2']);
});

describe('what the report tells of a task that leaves', () => {
  test('is nothing when it went well on one PC', () => {
    const { lab } = told();
    keepForReport(lab.state, lab.task('1.1'));
    expect(lab.state.night.gone).toBeUndefined();
  });

  test('is nothing of nights before', () => {
    const { lab } = told();
    lab.passes(1000).happens({ e: 'night-opened', night: 2 });
    keepForReport(lab.state, lab.task('1.2'));
    expect(lab.state.night.gone).toBeUndefined();
  });
});
