import { describe, expect, test } from 'vitest';
import { epoch } from '../../../../shared/domain/ids.ts';
import type { Task } from '../../../../shared/domain/job.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  askToDiscard,
  judgeRecalls,
  recallAttempt,
} from '../../../../src-main/core/attempts/recall.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { because, kinds, said, sent, ToldLab } from '../told-lab.ts';

const again = 3 * practiceTimings.heartbeat;

function told(): { lab: ToldLab; task: Task } {
  const lab = new ToldLab();
  lab.pc('a');
  lab.pc('b');
  return { lab, task: lab.runs('a') };
}
const recalls = (lab: ToldLab, task: Task) =>
  lab.decides((turn) => recallAttempt(turn, task, because));
const answers = (lab: ToldLab, task: Task, on = 'a', number = 1) =>
  lab.listensTo(on, { t: 'discarded', task: task.id, epoch: epoch(number) });

describe('an attempt that is taken back', () => {
  test('may run until its PC has answered, and is nobody else’s before', () => {
    const { lab, task } = told();
    const turn = recalls(lab, task);
    expect([kinds(turn), sent(turn)]).toEqual([
      ['task-recalled'],
      [['a', { t: 'discard', task: task.id, epoch: 1, confirm: true }]],
    ]);
    expect(task.state).toBe('running');
    expect(answers(lab, task).events).toMatchObject([{ e: 'task-attempt-lost', reason: because }]);
    expect(task.state).toBe('queued');
  });

  test('is taken back once', () => {
    const { lab, task } = told();
    recalls(lab, task);
    expect(kinds(recalls(lab, task))).toEqual([]);
  });

  test('is not, where there is none, or where it moves', () => {
    const { lab, task } = told();
    lab.moves(task, 'b');
    expect(kinds(recalls(lab, task))).toEqual([]);
    lab.ends(task);
    expect(kinds(recalls(lab, task))).toEqual([]);
    expect(said(lab.decides((turn) => askToDiscard(turn, task)))).toEqual([]);
  });

  test('is asked for again while nobody answers, and for old agents in words that they know', () => {
    const { lab, task } = told();
    recalls(lab, task);
    expect(said(lab.passes(again - 1).decides(judgeRecalls))).toEqual([]);
    expect(said(lab.passes(1).decides(judgeRecalls))).toEqual(['a: discard', 'a: abandon']);
    expect(said(lab.decides(judgeRecalls))).toEqual([]);
    seenOf(lab.state, lab.member('a')).linked = false;
    expect(said(lab.passes(again).decides(judgeRecalls))).toEqual([]);
  });

  test('is asked for by a head that has just started, which does not know when it was asked last', () => {
    const { lab, task } = told();
    recalls(lab, task);
    lab.state.transient.recalledAt.clear();
    expect(said(lab.decides(judgeRecalls))).toEqual(['a: discard', 'a: abandon']);
  });

  test('is asked for only where it was taken back', () => {
    const { lab } = told();
    expect(said(lab.passes(again).decides(judgeRecalls))).toEqual([]);
  });
});

describe('a PC that says it has discarded', () => {
  test('what it was not asked for has lost it', () => {
    const { lab, task } = told();
    expect(answers(lab, task).events).toMatchObject([
      { e: 'task-attempt-lost', reason: { code: 'pc-has-it-no-more', facts: { pc: 'a' } } },
    ]);
  });

  test('what was being ended has ended it', () => {
    const { lab, task } = told();
    lab.happens({ e: 'task-stopping', task: task.id });
    expect(kinds(answers(lab, task))).toEqual(['task-cancelled']);
  });

  test('what is moving away leaves it to the target', () => {
    const { lab, task } = told();
    lab.moves(task, 'b');
    expect(kinds(answers(lab, task))).toEqual([]);
    expect(lab.state.transient.moves.get(task.id)).toMatchObject({ sourceGone: true });
  });

  test.each([
    ['an attempt before', 'a', 0],
    ['another PC’s', 'b', 1],
  ])('%s changes nothing', (_what, on, number) => {
    const { lab, task } = told();
    expect(kinds(answers(lab, task, on, number))).toEqual([]);
  });

  test('twice has said it once', () => {
    const { lab, task } = told();
    answers(lab, task);
    expect(kinds(answers(lab, task))).toEqual([]);
  });
});
