import { describe, expect, test } from 'vitest';
import { minutes, monotonicMillis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { ReleaseMoment } from '../../../../shared/domain/member.ts';
import { beginDrain, lossOf, progressDrains } from '../../../../src-main/core/plan/drains.ts';
import { because, checkpointOf, kinds, said, sent, ToldLab } from '../told-lab.ts';

const member = memberId('a');

/** PC `a` is to be emptied; `b` has the room that is asked for. */
function told(
  moment: ReleaseMoment = 'checkpoint',
  room = 0,
  purpose: 'evacuate' | 'release' = 'release',
) {
  const lab = new ToldLab();
  lab.pc('a', { processors: 4 });
  if (room > 0) lab.pc('b', { processors: room });
  return lab.happens({ e: 'member-draining', member, purpose, moment, because });
}
const progress = (lab: ToldLab) => lab.decides(progressDrains);

describe('an empty PC', () => {
  test('is released at once and told to go', () => {
    const turn = progress(told());
    expect([kinds(turn), sent(turn)]).toEqual([['member-released'], [[member, { t: 'go' }]]]);
  });

  test('is evacuated, and stays', () => {
    const turn = progress(told('checkpoint', 0, 'evacuate'));
    expect([kinds(turn), said(turn)]).toEqual([['member-evacuated'], []]);
  });

  test('that came by day is told so', () => {
    const lab = new ToldLab();
    lab.pc('a');
    lab.happens({
      ...{ e: 'member-draining', member, purpose: 'release', moment: 'checkpoint', because },
      clockSaid: 'x',
    });
    expect(sent(progress(lab))).toEqual([[member, { t: 'go', byDay: true }]]);
  });

  test('that is not being emptied stays as it is', () => {
    const lab = new ToldLab();
    lab.pc('a');
    expect(kinds(progress(lab))).toEqual([]);
  });
});

describe('a running task of a PC that is emptied', () => {
  test('moves to another one that has room, one at a time; the next wait for it', () => {
    const lab = told('checkpoint', 4);
    const job = lab.job({ array: { first: 1, last: 3 } });
    for (const index of [1, 2, 3]) lab.runs('a', job, index);
    const turn = progress(lab);
    expect(turn.events).toMatchObject([
      {
        e: 'task-move-begun',
        task: '1.1',
        to: 'b',
        because: { code: 'pc-leaves', facts: { pc: 'a' } },
      },
    ]);
    expect(said(turn)).toEqual(['b: expect']);
    expect(kinds(progress(lab))).toEqual([]);
  });

  test('is saved where there is no room elsewhere, two at a time', () => {
    const lab = told();
    const job = lab.job({ array: { first: 1, last: 3 } });
    for (const index of [1, 2, 3]) lab.runs('a', job, index);
    const turn = progress(lab);
    expect(sent(turn)).toMatchObject([
      ['a', { t: 'checkpoint', task: '1.1', then: 'suspend' }],
      ['a', { t: 'checkpoint', task: '1.2', then: 'suspend' }],
    ]);
    expect(said(progress(lab))).toEqual([]);
    lab.saves(lab.task('1.1'), checkpointOf('a'), true);
    lab.state.transient.saving.delete(lab.task('1.1').id);
    expect(sent(progress(lab))).toMatchObject([['a', { task: '1.3' }]]);
  });

  test.each<[string, (lab: ToldLab) => unknown, object]>([
    ['is pinned', () => undefined, { pin: true }],
    [
      'failed to move a moment ago',
      (lab) =>
        lab.state.transient.moveNotBefore.set(lab.task('1.0').id, monotonicMillis(lab.now + 1)),
      {},
    ],
    ['has a job that is held', (lab) => lab.happens({ e: 'job-held', job: lab.jobOf('1').id }), {}],
  ])('is saved, whatever room there is, when it %s', (_what, change, wish) => {
    const lab = told('checkpoint', 4);
    lab.runs('a', lab.job(wish));
    change(lab);
    expect(said(progress(lab))).toEqual(['a: checkpoint']);
  });

  test('is not moved while it is being saved', () => {
    const lab = told('checkpoint', 4);
    const task = lab.runs('a');
    lab.state.transient.saving.set(task.id, { then: 'continue', since: monotonicMillis(lab.now) });
    expect(kinds(progress(lab))).toEqual([]);
  });

  test('runs to its end where that was said', () => {
    const lab = told('task', 4);
    const task = lab.runs('a');
    expect([kinds(progress(lab)), said(progress(lab))]).toEqual([[], []]);
    lab.ends(task);
    expect(kinds(progress(lab))).toEqual(['member-released']);
  });

  test('is taken back where the PC is wanted now, and waited for', () => {
    const lab = told('now', 4);
    lab.runs('a');
    const turn = progress(lab);
    expect(turn.events).toMatchObject([
      { e: 'task-recalled', reason: { code: 'released-at-once', facts: { pc: 'a' } } },
    ]);
    expect(sent(turn)).toMatchObject([['a', { t: 'discard', confirm: true }]]);
    expect(kinds(progress(lab))).toEqual([]);
  });
});

describe('a task that has not begun to run there', () => {
  test.each<ReleaseMoment>(['checkpoint', 'task', 'now'])(
    'is taken back, when it is emptied by "%s"',
    (moment) => {
      const lab = told(moment, 4);
      lab.starts('a');
      expect(kinds(progress(lab))).toEqual(['task-recalled']);
      expect(kinds(progress(lab))).toEqual([]);
    },
  );
});

test('a PC is not done while a task is on its way to it', () => {
  const lab = told('checkpoint');
  lab.pc('b');
  lab.moves(lab.runs('b'), 'a');
  expect(kinds(progress(lab))).toEqual([]);
});

test('of two PCs that are emptied neither goes to the other', () => {
  const lab = told('checkpoint', 4);
  lab.happens({
    e: 'member-draining',
    member: memberId('b'),
    purpose: 'evacuate',
    moment: 'checkpoint',
    because,
  });
  lab.runs('a');
  expect([said(progress(lab)), lab.member('b').state]).toEqual([['a: checkpoint'], 'ready']);
});

describe('to empty a PC', () => {
  const begun = (lab: ToldLab, purpose: 'evacuate' | 'release', moment: ReleaseMoment) =>
    kinds(lab.decides((turn) => beginDrain(turn, lab.member('a'), purpose, moment, because)));

  test('is told once, and again when it is meant otherwise', () => {
    const lab = new ToldLab();
    lab.pc('a');
    expect(begun(lab, 'evacuate', 'checkpoint')).toEqual(['member-draining']);
    expect(begun(lab, 'evacuate', 'checkpoint')).toEqual([]);
    expect(begun(lab, 'release', 'checkpoint')).toEqual(['member-draining']);
    expect(begun(lab, 'release', 'now')).toEqual(['member-draining']);
    expect(lab.member('a').drain).toEqual({ purpose: 'release', moment: 'now' });
  });
});

describe('what would be lost with a PC', () => {
  test('is what its running tasks have not saved, if it went now, and nothing else', () => {
    const lab = new ToldLab();
    lab.pc('a', { processors: 4 });
    lab.pc('b');
    const loss = (moment: ReleaseMoment) => lossOf(lab.turn(), lab.member('a'), moment);
    expect(loss('now')).toBe(0);
    lab.runs('a');
    lab.passes(minutes(2)).runs('a');
    lab.starts('a');
    lab.moves(lab.runs('b'), 'a');
    lab.passes(minutes(1));
    expect([loss('now'), loss('checkpoint'), loss('task')]).toEqual([minutes(4), 0, 0]);
  });
});
