import { describe, expect, test } from 'vitest';
import { jobId } from '../../../../shared/domain/ids.ts';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import {
  cancelJob,
  cancelWaiting,
  holdJob,
  largestArray,
  progressHolds,
  resumeJob,
  submitJob,
} from '../../../../src-main/core/commands/job-commands.ts';
import { plainSpec } from '../../../../src-sim/simulated-lab.ts';
import {
  because,
  checkpointOf,
  hashOf,
  kinds,
  refusalOf,
  said,
  sent,
  ToldLab,
} from '../told-lab.ts';

const three = { array: { first: 1, last: 3 } };
const input = { path: 'in.txt', hash: hashOf('a'), size: 1, executable: false };

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  return lab;
}
const submits = (lab: ToldLab, wish: Partial<JobSpec> = {}, has = true) =>
  submitJob(lab.turn(), { ...plainSpec, ...wish }, false, () => has);

describe('a job is taken', () => {
  test('with the next number, and waits', () => {
    const lab = told();
    expect(submits(lab)).toEqual({ ok: true, value: { id: '1', warnings: [] } });
    expect(submits(lab)).toMatchObject({ value: { id: '2' } });
    expect(lab.jobOf('1')).toMatchObject({ held: false, cancelled: false, submittedAt: lab.wall });
  });

  test('held, where that is wanted', () => {
    const lab = told();
    submitJob(lab.turn(), plainSpec, true, () => true);
    expect(lab.jobOf('1').held).toBe(true);
  });

  test('into a lab without PCs, and its owner is told', () => {
    expect(submits(new ToldLab())).toMatchObject({
      value: { warnings: [{ code: 'no-pc-yet', facts: {} }] },
    });
  });

  test('after the end of a job that has failed, and not after its success', () => {
    const lab = told();
    lab.ends(lab.runs('a'), 'failed');
    expect(submits(lab, { afterOk: [jobId('1')] })).toMatchObject({
      error: { kind: 'refused', code: 'job-is-in-vain', facts: { job: '1', because: 'failed' } },
    });
    expect(submits(lab, { after: [jobId('1')] })).toMatchObject({ value: { warnings: [] } });
  });

  test('with the largest array there may be', () => {
    expect(submits(told(), { array: { first: 1, last: largestArray } }).ok).toBe(true);
  });

  test.each<[string, Partial<JobSpec>, RegExp]>([
    [
      'one more task than an array may have',
      { array: { first: 0, last: largestArray } },
      /^misuse: .*100000/,
    ],
    ['an array that ends before it begins', { array: { first: 2, last: 1 } }, /^misuse: .*2-1/],
    ['no command', { command: [] }, /^misuse: .*command/],
    ['an empty command', { command: ['', 'x'] }, /^misuse: .*command/],
    ['a job before it that nobody knows', { after: [jobId('7')] }, /^not-found: .*7/],
    ['a job it needs that nobody knows', { afterOk: [jobId('7')] }, /^not-found: .*7/],
    ['inputs of one name', { inputs: [input, input] }, /^misuse: .*in\.txt/],
    [
      'more than any PC has',
      { resources: { cpus: 3, memory: null, wallTime: null } },
      /^refused: /,
    ],
  ])('not with %s', (_what, wish, refusal) => {
    const lab = told();
    expect(refusalOf(submits(lab, wish))).toMatch(refusal);
    expect(lab.state.jobs.size).toBe(0);
  });

  test('not before its inputs are here', () => {
    expect(refusalOf(submits(told(), { inputs: [input] }, false))).toMatch(/^misuse: .*in\.txt/);
    expect(submits(told(), { inputs: [input] }).ok).toBe(true);
  });
});

describe('a job that is cancelled', () => {
  test('ends what runs, drops what moves and cancels what waits', () => {
    const lab = told();
    const job = lab.job({ array: { first: 1, last: 5 } });
    lab.runs('a', job, 1);
    lab.moves(lab.runs('a', job, 2), 'b');
    lab.saves(lab.runs('a', job, 3), checkpointOf('a'), true);
    const turn = lab.turn();
    expect(cancelJob(turn, '1')).toEqual({ ok: true, value: { id: '1' } });
    expect(kinds(turn)).toEqual([
      ...[
        'job-cancelled',
        'job-queue-cancelled',
        'task-cancelled',
        'task-stopping',
        'task-cancelled',
      ],
    ]);
    expect(sent(turn)).toMatchObject([
      ['a', { t: 'stop', task: '1.1', graceMs: 3000 }],
      ['b', { t: 'discard', task: '1.2', epoch: 2 }],
      ['a', { t: 'discard', task: '1.2', epoch: 1 }],
    ]);
  });

  test('is not, when it is over, or nobody knows it', () => {
    const lab = told();
    lab.ends(lab.runs('a'));
    expect(refusalOf(cancelJob(lab.turn(), '1'))).toMatch(/^refused: /);
    expect(refusalOf(cancelJob(lab.turn(), '9'))).toMatch(/^not-found: /);
  });

  test('of which nothing waits has nothing to cancel there', () => {
    const lab = told();
    const job = lab.job(three);
    const waiting = lab.state.index.queue.of(job.id);
    if (!waiting) throw new Error('nothing waits');
    expect(kinds(lab.decides((turn) => cancelWaiting(turn, waiting)))).toEqual([
      'job-queue-cancelled',
    ]);
    expect(kinds(lab.decides((turn) => cancelWaiting(turn, waiting)))).toEqual([]);
  });
});

describe('a job that is held', () => {
  test('is held once, and a second time is no refusal', () => {
    const lab = told();
    lab.job();
    const holds = () => {
      const turn = lab.turn();
      return [holdJob(turn, '1').ok, kinds(turn)];
    };
    expect([holds(), holds()]).toEqual([
      [true, ['job-held']],
      [true, []],
    ]);
  });

  test('is not, when it is over', () => {
    const lab = told();
    lab.ends(lab.runs('a'));
    expect(refusalOf(holdJob(lab.turn(), '1'))).toMatch(/^refused: /);
  });

  test('has its tasks saved, and taken back where they have not begun', () => {
    const lab = told();
    const job = lab.job({ array: { first: 1, last: 4 } });
    lab.runs('a', job, 1);
    lab.starts('a', job, 2);
    lab.moves(lab.runs('b', job, 3), 'a');
    expect(said(lab.decides(progressHolds))).toEqual([]);
    lab.happens({ e: 'job-held', job: job.id });
    const turn = lab.decides(progressHolds);
    expect([kinds(turn), said(turn)]).toEqual([['task-recalled'], ['a: checkpoint', 'a: discard']]);
    expect(said(lab.decides(progressHolds))).toEqual([]);
  });
});

describe('a job that goes on', () => {
  const resumes = (lab: ToldLab) => {
    const turn = lab.turn();
    const done = resumeJob(turn, '1');
    return done.ok ? kinds(turn) : refusalOf(done);
  };

  test('goes on with those of its tasks that were held by themselves', () => {
    const lab = told();
    const job = lab.job(three);
    const held = (index: number) => ({
      e: 'task-held' as const,
      task: lab.task(`1.${index}`).id,
      reason: because,
    });
    lab.happens({ e: 'job-held', job: job.id }, held(1), held(3));
    expect(resumes(lab)).toEqual(['job-resumed', 'task-let-go', 'task-let-go']);
    expect(resumes(lab)).toMatch(/^refused: /);
    lab.happens(held(2));
    expect(resumes(lab)).toEqual(['task-let-go']);
  });
});
