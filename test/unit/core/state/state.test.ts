import { describe, expect, test } from 'vitest';
import { bytes, epochMillis, hours } from '../../../../shared/base/units.ts';
import type { TaskState } from '../../../../shared/domain/job.ts';
import {
  emptyLab,
  emptyTally,
  isLinked,
  isOver,
  machinesOf,
  seenOf,
  usageOf,
  usualKeepFor,
} from '../../../../src-main/core/state/state.ts';
import { ToldLab } from '../told-lab.ts';

test('an empty lab has no night, numbers its first job 1 and keeps jobs for ninety days', () => {
  const lab = emptyLab();
  expect([lab.nextJob, lab.night.number, lab.members.size, lab.tasks.size]).toEqual([1, 0, 0, 0]);
  expect(lab.keepFor).toBe(90 * 24 * hours(1));
  expect(usualKeepFor).toBe(lab.keepFor);
  expect(emptyLab().members).not.toBe(lab.members);
});

test('a tally begins with nothing', () => {
  expect(emptyTally(4, epochMillis(9))).toEqual({
    ...{ number: 4, openedAt: 9, endedAt: null, checkpoints: 0, lostMs: 0, losses: [] },
    ...{ tasksDone: 0, tasksFailed: 0, cpuSeconds: 0 },
  });
});

test.each<[TaskState, boolean]>([
  ['queued', false],
  ['running', false],
  ['suspended', false],
  ['done', true],
  ['failed', true],
  ['cancelled', true],
])('a task that is %s is over: %s', (state, over) => {
  const lab = new ToldLab();
  lab.job();
  expect(isOver({ ...lab.task('1.0'), state })).toBe(over);
});

describe('a PC that has said nothing yet', () => {
  test('is neither linked nor heard, and its memory counts as free', () => {
    const lab = new ToldLab();
    const pc = lab.pc('pc-01');
    lab.state.seen.clear();
    expect(isLinked(lab.state, pc)).toBe(false);
    const seen = seenOf(lab.state, pc);
    expect(seen).toMatchObject({ heardAt: 0, load: { memoryFree: pc.facts.memory }, can: [] });
    seen.linked = true;
    expect(isLinked(lab.state, pc)).toBe(true);
  });

  test('and one that is not known at all is not linked', () => {
    expect(isLinked(emptyLab(), undefined)).toBe(false);
  });
});

test('a task has used what its member said last, and never less than what is written', () => {
  const lab = new ToldLab();
  lab.pc('a');
  const task = lab.runs('a');
  expect(usageOf(lab.state, task)).toEqual({ cpuSeconds: 0, memory: 0 });
  task.cpuSeconds = 7;
  lab.state.transient.usage.set(task.id, { cpuSeconds: 3, memory: bytes(9) });
  expect(usageOf(lab.state, task)).toEqual({ cpuSeconds: 7, memory: 9 });
  lab.state.transient.usage.set(task.id, { cpuSeconds: 8, memory: bytes(9) });
  expect(usageOf(lab.state, task).cpuSeconds).toBe(8);
});

test('a task takes up room where it is and where it goes', () => {
  const lab = new ToldLab();
  lab.pc('a');
  lab.pc('b');
  const job = lab.job();
  expect(machinesOf(lab.task('1.0'))).toEqual([]);
  const task = lab.runs('a', job);
  expect(machinesOf(task)).toEqual(['a']);
  expect(machinesOf(lab.moves(task, 'b'))).toEqual(['a', 'b']);
});
