import { expect, test } from 'vitest';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import { refuseWhoKnowsMore } from '../../../../src-main/core/attempts/older-store.ts';
import { others, said, ToldLab } from '../told-lab.ts';

/** Task 1.0 runs on `a` as its first attempt. */
function told(): ToldLab {
  const lab = new ToldLab();
  lab.pc('a');
  lab.pc('b');
  lab.runs('a');
  return lab;
}
const report = (task: string, number: number) => ({
  ...{ task: task as TaskId, epoch: epoch(number), state: 'running' as const },
});
const refuses = (lab: ToldLab, on: string, ...reports: ReturnType<typeof report>[]) => {
  let refused = false;
  const turn = lab.decides((turn) => {
    refused = refuseWhoKnowsMore(turn, lab.member(on), reports);
  });
  return { refused, turn };
};

test.each([
  ['what the log knows', 'a', '1.0', 1, false],
  ['what is long over', 'a', '1.0', 0, false],
  ['an attempt that was never given', 'a', '1.0', 2, true],
  ['the number that another PC was given', 'b', '1.0', 1, true],
  ['a job that there is not yet', 'a', '2.0', 1, true],
  ['a job far ahead', 'a', '99.7', 1, true],
  ['a task that its job has not', 'a', '1.5', 1, false],
  ['no task at all', 'a', 'nonsense', 1, false],
])('a PC that holds %s is refused: %4$s', (_what, on, task, number, isRefused) => {
  expect(refuses(told(), on, report(task, number)).refused).toBe(isRefused);
});

test('an old job that was removed meanwhile is no proof', () => {
  const lab = told().happens({
    e: 'job-removed',
    job: told().jobOf('1').id,
    because: { code: 'by-hand', facts: {} },
  });
  expect(refuses(lab, 'a', report('1.0', 7)).refused).toBe(false);
});

test('one that is refused keeps what it has: it is told why, and hung up on, and never told to discard', () => {
  const lab = told();
  const { turn } = refuses(lab, 'a', report('1.0', 1), report('7.0', 3));
  expect(said(turn)).toEqual(['a: refused']);
  expect(others(turn)).toEqual([{ d: 'close', member: 'a' }]);
  expect(turn.events).toEqual([]);
  expect(lab.state.transient.ahead.get(memberId('a'))).toBe('7.0');
});

test('and is known again once it holds no such thing', () => {
  const lab = told();
  refuses(lab, 'a', report('7.0', 3));
  const { refused, turn } = refuses(lab, 'a', report('1.0', 1));
  expect([refused, lab.state.transient.ahead.size, [...turn.touched.members]]).toEqual([
    false,
    0,
    ['a'],
  ]);
  expect([...refuses(lab, 'a').turn.touched.members]).toEqual([]);
});
