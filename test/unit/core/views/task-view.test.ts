import { saidReason } from '../../../../shared/domain/reasons.ts';
import { taskWords } from '../../../../shared/words/task-words.ts';
import { describe, expect, test } from 'vitest';
import { bytes, monotonicMillis } from '../../../../shared/base/units.ts';
import { epoch, memberId } from '../../../../shared/domain/ids.ts';
import type { Task } from '../../../../shared/domain/job.ts';
import { taskView } from '../../../../src-main/core/views/task-view.ts';
import { because, checkpointOf, hashOf, ToldLab } from '../told-lab.ts';

const view = (lab: ToldLab, task: Task) =>
  taskView(lab.state, lab.jobOf(task.job), task, lab.turn().wall, {
    waitingBecause: null,
    ahead: null,
  });

describe('what a task is doing', () => {
  test.each<[string, (lab: ToldLab, task: Task) => unknown, string]>([
    ['runs', () => undefined, 'running'],
    ['moves', (lab, task) => lab.moves(task, 'b'), 'moving'],
    ['is ended', (lab, task) => lab.happens({ e: 'task-stopping', task: task.id }), 'stopping'],
    [
      'is taken back',
      (lab, task) =>
        lab.happens({ e: 'task-recalled', task: task.id, epoch: epoch(1), reason: because }),
      'recalled',
    ],
    [
      'is on a silent PC',
      (lab) => lab.happens({ e: 'member-suspected', member: memberId('a') }),
      'frozen',
    ],
    [
      'is saved',
      (lab, task) =>
        lab.state.transient.saving.set(task.id, { then: 'continue', since: monotonicMillis(1) }),
      'saving',
    ],
    [
      'is suspended',
      (lab, task) =>
        lab.state.transient.saving.set(task.id, { then: 'suspend', since: monotonicMillis(1) }),
      'suspending',
    ],
    [
      'has ended, and its results wait',
      (lab, task) => lab.state.transient.resultsWait.set(task.id, because),
      'storing',
    ],
    ['is done', (lab, task) => lab.ends(task), 'done'],
    ['waits suspended', (lab, task) => lab.saves(task, checkpointOf('a'), true), 'suspended'],
  ])('when it %s', (_what, change, phase) => {
    const lab = new ToldLab();
    lab.pc('a');
    lab.pc('b').name = 'desk';
    const task = lab.runs('a');
    change(lab, task);
    expect(view(lab, task).phase).toBe(phase);
  });

  test('when it begins, from zero or from a checkpoint', () => {
    const lab = new ToldLab();
    lab.pc('a');
    const task = lab.starts('a');
    expect(view(lab, task).phase).toBe('starting');
    lab.saves(task, checkpointOf('a'), true);
    lab.starts('a', lab.jobOf('1'));
    expect(view(lab, task).phase).toBe('resuming');
  });

  test('when it waits, and is held with its job or by itself', () => {
    const lab = new ToldLab();
    const job = lab.job({ array: { first: 1, last: 2 } });
    expect(view(lab, lab.task('1.1')).phase).toBe('queued');
    lab.happens({ e: 'task-held', task: lab.task('1.2').id, reason: because });
    expect(view(lab, lab.task('1.2')).phase).toBe('held');
    lab.happens({ e: 'job-held', job: job.id });
    expect(view(lab, lab.task('1.1')).phase).toBe('held');
  });
});

test('the time it ran goes on while it runs, and what it used is what was said last', () => {
  const lab = new ToldLab();
  lab.pc('a');
  const task = lab.runs('a');
  lab.state.transient.usage.set(task.id, { cpuSeconds: 1.23456, memory: bytes(7) });
  lab.passes(5000);
  expect(view(lab, task)).toMatchObject({
    ranMs: 5000,
    cpuSeconds: 1.23,
    memory: 7,
    machine: 'a',
    attempt: 1,
  });
  lab.ends(task);
  lab.passes(5000);
  expect(view(lab, task)).toMatchObject({ ranMs: 5000, machine: null, lastMachine: 'a' });
});

test('it says why it failed, what ails it while it runs, and nothing once it is well', () => {
  const lab = new ToldLab();
  lab.pc('a');
  const task = lab.runs('a');
  expect(view(lab, task).reason).toBeNull();
  lab.state.transient.saveFault.set(task.id, saidReason('no room'));
  expect(taskWords(view(lab, task))).toMatch(/^no room; .*begins again/);
  lab.saves(task, checkpointOf('a'));
  expect(taskWords(view(lab, task))).toMatch(/goes on from what was saved before/);
  lab.state.transient.resultsWait.set(task.id, saidReason('disk full.'));
  expect(taskWords(view(lab, task))).toMatch(/: disk full$/);
  lab.state.transient.resultsWait.clear();
  lab.ends(task, 'failed');
  expect(taskWords(view(lab, task))).toBe('so');
});

test('of many files the first are shown, and how many there are', () => {
  const lab = new ToldLab();
  lab.pc('a');
  const task = lab.runs('a');
  const outputs = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      path: `f${at}`,
      hash: hashOf('a'),
      size: 1,
      executable: false,
    }));
  task.outputs = outputs(200);
  expect(view(lab, task)).not.toHaveProperty('outputsInAll');
  task.outputs = outputs(201);
  expect([view(lab, task).outputs.length, view(lab, task).outputsInAll]).toEqual([200, 201]);
});
