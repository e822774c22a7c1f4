import { expect, test } from 'vitest';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import { spokenOf } from '../../../../src-main/core/attempts/spoken-of.ts';
import { because, ToldLab } from '../told-lab.ts';

/** Task 1.0 runs on `a` as its first attempt, and moves to `b` as its second. */
function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b', 'c']) lab.pc(name);
  lab.moves(lab.runs('a'), 'b');
  return lab;
}
const spoken = (lab: ToldLab, member: string, number: number, task = '1.0') =>
  spokenOf(lab.state, memberId(member), task as TaskId, epoch(number)).is;

test.each([
  ['its source', 'a', 1, 'current'],
  ['its target', 'b', 2, 'incoming'],
  ['its source, of an attempt before', 'a', 0, 'stale'],
  ['its source, with the target’s number', 'a', 2, 'stale'],
  ['its target, with the source’s number', 'b', 1, 'stale'],
  ['its target, of an attempt that was never given', 'b', 3, 'stale'],
  ['a PC that has nothing to do with it', 'c', 1, 'stale'],
  ['a PC that nobody knows', 'z', 2, 'stale'],
])('what %s says of a task that moves is %4$s', (_who, member, number, is) => {
  expect(spoken(told(), member, number)).toBe(is);
});

test('once it has moved the target speaks of it, and the source of what is over', () => {
  const lab = told().happens({ e: 'task-moved', task: '1.0' as TaskId, toEpoch: epoch(2) });
  expect([spoken(lab, 'a', 1), spoken(lab, 'b', 2)]).toEqual(['stale', 'current']);
});

test('once the move has failed the source goes on, and the target speaks of nothing', () => {
  const lab = told();
  lab.happens({ e: 'task-move-failed', task: '1.0' as TaskId, to: memberId('b'), reason: because });
  expect([spoken(lab, 'a', 1), spoken(lab, 'b', 2)]).toEqual(['current', 'stale']);
});

test('of what waits, is over or was removed nobody speaks', () => {
  const lab = new ToldLab();
  lab.pc('a');
  const job = lab.job();
  expect(spoken(lab, 'a', 0)).toBe('stale');
  lab.ends(lab.runs('a', job));
  expect(spoken(lab, 'a', 1)).toBe('stale');
  lab.happens({ e: 'job-removed', job: job.id, because });
  expect([spoken(lab, 'a', 1), spoken(lab, 'a', 1, 'nonsense')]).toEqual(['stale', 'stale']);
});
