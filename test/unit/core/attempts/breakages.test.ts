import { describe, expect, test } from 'vitest';
import { monotonicMillis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { Task } from '../../../../shared/domain/job.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  blame,
  clearOfBlame,
  mayHaveBroken,
  noteFailedMove,
  tasksThatFailedToCome,
} from '../../../../src-main/core/attempts/breakages.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { because, kinds, ToldLab } from '../told-lab.ts';

const { heartbeat, lostAfter, suspectAfter } = practiceTimings;

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b', 'c']) lab.pc(name);
  return lab;
}
const may = (lab: ToldLab, task: Task): boolean => {
  if (!task.attempt) throw new Error('no attempt');
  return mayHaveBroken(
    lab.turn(),
    lab.member(task.attempt.machine),
    lab.jobOf(task.job),
    task.attempt,
  );
};
const blames = (lab: ToldLab, on: string, task: Task) =>
  lab.decides((turn) => blame(turn, lab.member(on), task));

describe('the loss of a PC may be a task’s doing', () => {
  test('when it ran there', () => {
    const lab = told();
    expect(may(lab, lab.runs('a'))).toBe(true);
  });

  test('when it had been there for a heartbeat, though nobody heard of its start', () => {
    const lab = told();
    const task = lab.starts('a');
    expect(may(lab, task)).toBe(false);
    lab
      .passes(heartbeat - 1)
      .hears('a')
      .passes(lostAfter);
    expect(may(lab, task)).toBe(false);
    seenOf(lab.state, lab.member('a')).heardAt = monotonicMillis(lab.now - lostAfter + 1);
    expect(may(lab, task)).toBe(true);
  });

  test('and not when a person kept the PC out', () => {
    const lab = told();
    const task = lab.runs('a');
    lab.happens({ e: 'member-banned', member: memberId('a'), because: null });
    expect(may(lab, task)).toBe(false);
  });

  test.each([
    ['one that had none of its job', 'other', lostAfter, false],
    ['one that had one of its job', 'same', lostAfter, true],
    ['one that had gone long before', 'other', lostAfter + 1, true],
  ])('and what it is when %s goes too', (_what, job, apart, expected) => {
    const lab = told();
    if (job === 'same') lab.runs('b', lab.job({ array: { first: 1, last: 2 } }), 2);
    else lab.runs('b');
    lab.passes(apart).hears('a');
    const task = job === 'same' ? lab.runs('a', lab.jobOf('1'), 1) : lab.runs('a');
    lab.happens({ e: 'member-lost', member: memberId('b') });
    expect(may(lab, task)).toBe(expected);
  });
});

describe('a task that takes PCs down', () => {
  test('is held after the second, with their names', () => {
    const lab = told();
    const task = lab.runs('a');
    lab.member('b').name = 'desk';
    expect(kinds(blames(lab, 'a', task))).toEqual(['task-blamed']);
    expect(blames(lab, 'b', task).events).toMatchObject([
      { e: 'task-blamed', machine: 'b' },
      {
        e: 'task-held',
        reason: { code: 'took-pcs-down', facts: { pcs: ['a', 'desk'], job: '1' } },
      },
    ]);
    // It is held once.
    expect(kinds(blames(lab, 'c', task))).toEqual(['task-blamed']);
  });

  test('is not held for one PC that goes down twice', () => {
    const lab = told();
    const task = lab.runs('a');
    blames(lab, 'a', task);
    expect(kinds(blames(lab, 'a', task))).toEqual(['task-blamed']);
    expect(task.heldFor).toBeNull();
  });

  test('is cleared of a PC that comes back as it was, and of nothing else', () => {
    const lab = told();
    const task = lab.runs('a');
    blames(lab, 'a', task);
    const clears = (on: string, of: Task | undefined) =>
      kinds(lab.decides((turn) => clearOfBlame(turn, lab.member(on), of)));
    expect(clears('b', task)).toEqual([]);
    expect(clears('a', undefined)).toEqual([]);
    expect(clears('a', task)).toEqual(['task-cleared']);
    expect(clears('a', task)).toEqual([]);
  });
});

describe('a move that failed shortly before its target was lost', () => {
  function failed(sent: boolean) {
    const lab = told();
    const task = lab.moves(lab.runs('a'), 'b');
    lab.state.transient.moves.set(task.id, { sent } as never);
    lab.decides((turn) => noteFailedMove(turn, task, memberId('b')));
    lab.happens({ e: 'task-move-failed', task: task.id, to: memberId('b'), reason: because });
    lab.passes(lostAfter);
    return lab;
  }
  const cameNot = (lab: ToldLab) =>
    tasksThatFailedToCome(lab.turn(), lab.member('b')).map(({ id }) => id);

  test('may have brought it down', () => {
    const lab = failed(true);
    expect(cameNot(lab)).toEqual(['1.0']);
    // It is counted once.
    expect(cameNot(lab)).toEqual([]);
  });

  test('did not, when nothing was sent yet', () => {
    expect(cameNot(failed(false))).toEqual([]);
  });

  test('did not, when the PC was heard for long enough after it', () => {
    const lab = failed(true);
    seenOf(lab.state, lab.member('b')).heardAt = monotonicMillis(
      lab.now - lostAfter + suspectAfter + 1,
    );
    expect(cameNot(lab)).toEqual([]);
  });

  test('did not, when others went with it', () => {
    const lab = failed(true).happens({ e: 'member-lost', member: memberId('c') });
    expect(cameNot(lab)).toEqual([]);
  });

  test('of a job that is removed meanwhile is nobody’s', () => {
    const lab = failed(true).happens({
      e: 'job-removed',
      job: failed(true).jobOf('1').id,
      because,
    });
    expect(cameNot(lab)).toEqual([]);
  });
});
