import { describe, expect, test } from 'vitest';
import type { Job, Task } from '../../../../shared/domain/job.ts';
import {
  doubt,
  doubtersOf,
  forgive,
  isUnstartable,
  judgeDoubts,
  judgeQuickExits,
  mustAskOthers,
  onMachineFault,
  onQuickExit,
  onRan,
  onWentWell,
  quarantineAfter,
  quickMs,
} from '../../../../src-main/core/membership/quarantine.ts';
import { because, ToldLab } from '../told-lab.ts';

const ten = { array: { first: 1, last: 10 } };

function told(...names: readonly string[]): ToldLab {
  const lab = new ToldLab();
  for (const name of names) lab.pc(name, { processors: 10 });
  return lab;
}
const cordoned = (lab: ToldLab): string[] =>
  [...lab.state.members.values()].filter((pc) => pc.cordoned).map(({ id }) => id);

describe('a PC at whose fault tasks fail', () => {
  const fails = (lab: ToldLab, on: string, task: string) =>
    lab.decides((turn) => onMachineFault(turn, lab.member(on).id, task as Task['id'], because));

  test('gets no more after the third task, and says why', () => {
    const lab = told('a');
    fails(lab, 'a', '1.1');
    fails(lab, 'a', '1.2');
    expect(cordoned(lab)).toEqual([]);
    expect(fails(lab, 'a', '1.3').events).toMatchObject([
      {
        e: 'member-cordoned',
        because: { code: 'failed-in-a-row', facts: { tasks: quarantineAfter } },
      },
    ]);
    // And is not cordoned a second time.
    expect(fails(lab, 'a', '1.4').events).toEqual([]);
  });

  test('is not blamed for one task that fails again and again, nor for what others fail', () => {
    const lab = told('a', 'b', 'c');
    for (let at = 0; at < 9; at += 1) fails(lab, 'a', '1.1');
    for (const on of ['a', 'b', 'c']) fails(lab, on, '1.2');
    expect(cordoned(lab)).toEqual([]);
  });

  test('begins anew once something went well there', () => {
    const lab = told('a');
    fails(lab, 'a', '1.1');
    fails(lab, 'a', '1.2');
    lab.decides((turn) => onWentWell(turn, lab.member('a'), null));
    fails(lab, 'a', '1.3');
    expect(cordoned(lab)).toEqual([]);
  });

  test('that was forgotten meanwhile is not looked for', () => {
    const lab = told('a');
    const { id } = lab.member('a');
    lab.happens({ e: 'member-forgotten', member: id });
    const turn = lab.turn();
    for (const task of ['1.1', '1.2', '1.3']) onMachineFault(turn, id, task as Task['id'], because);
    expect(turn.events).toEqual([]);
  });
});

describe('that a program cannot be started', () => {
  const says = (lab: ToldLab, on: string, job: Job, task: Task, reason = 'no such command') =>
    isUnstartable(lab.turn(), lab.member(on), job, task, reason);
  const doubts = (lab: ToldLab, on: string, task: Task, reason = 'no such command') =>
    lab.decides((turn) => doubt(turn, lab.member(on), task, reason));

  test('is not believed of one PC while another could be asked', () => {
    const lab = told('a', 'b');
    const job = lab.job();
    expect(says(lab, 'a', job, lab.task('1.0'))).toBe(false);
  });

  test('is believed at once where there is no other, or none that could run it', () => {
    const lab = told('a');
    const job = lab.job();
    expect(says(lab, 'a', job, lab.task('1.0'))).toBe(true);
    const two = told('a');
    two.pc('b', { packs: [] });
    expect(says(two, 'a', two.job(), two.task('1.0'))).toBe(true);
  });

  test.each([
    [
      'when a second PC says it of the same task, in whatever words',
      '1.1',
      'other words',
      'b',
      true,
    ],
    ['when a second PC says the same of another task', '1.2', 'no such command', 'b', true],
    ['not when that says something else of another task', '1.2', 'other words', 'b', false],
    ['not when the first PC says it again', '1.1', 'no such command', 'a', false],
  ])('is believed %s', (_what, task, reason, on, expected) => {
    const lab = told('a', 'b', 'c');
    const job = lab.job(ten);
    doubts(lab, 'a', lab.task('1.1'));
    expect(says(lab, on, job, lab.task(task), reason)).toBe(expected);
    // What is believed once is believed of every other task of the job.
    expect(says(lab, 'c', job, lab.task('1.9'), 'whatever')).toBe(expected);
  });

  test('is no word on other jobs', () => {
    const lab = told('a', 'b');
    lab.job();
    const other = lab.job();
    doubts(lab, 'a', lab.task('1.0'));
    expect(says(lab, 'b', other, lab.task('2.0'))).toBe(false);
    expect([...doubtersOf(lab.state, other)]).toEqual([]);
    expect([...doubtersOf(lab.state, lab.jobOf('1'))]).toEqual(['a']);
  });

  test('is that PC’s fault when it runs elsewhere, and what was believed is void', () => {
    const lab = told('a', 'b');
    const job = lab.job(ten);
    for (const index of [1, 2, 3]) {
      const task = lab.task(`1.${index}`);
      doubts(lab, 'a', task);
      lab.decides((turn) => onRan(turn, lab.member('a').id, task));
      expect(cordoned(lab)).toEqual([]);
      lab.decides((turn) => onRan(turn, lab.member('b').id, task));
    }
    expect(cordoned(lab)).toEqual(['a']);
    expect(lab.state.transient.doubts.size).toBe(0);
    lab.state.transient.unstartable.add(job.id);
    lab.decides((turn) => onRan(turn, lab.member('b').id, lab.task('1.4')));
    expect(lab.state.transient.unstartable.size).toBe(0);
  });

  test('is refuted by a task in doubt that goes on for long enough', () => {
    const lab = told('a', 'b');
    const task = lab.runs('b', lab.job(ten), 1);
    doubts(lab, 'a', task);
    lab.passes(quickMs).decides(judgeDoubts);
    expect(lab.state.transient.doubts.size).toBe(1);
    lab.passes(1).decides(judgeDoubts);
    expect(lab.state.transient.doubts.size).toBe(0);
    expect(lab.state.transient.faults.get(lab.member('a').id)?.size).toBe(1);
  });
});

describe('a task in doubt waits for another PC', () => {
  const waits = (lab: ToldLab, on: string, task = '1.1') =>
    mustAskOthers(
      lab.state,
      lab.member(on).id,
      doubtersOf(lab.state, lab.jobOf('1')),
      lab.jobOf('1'),
      lab.task(task),
    );

  test('as long as there is one above doubt', () => {
    const lab = told('a', 'b');
    lab.job(ten);
    lab.decides((turn) => doubt(turn, lab.member('a'), lab.task('1.1'), 'x'));
    expect([waits(lab, 'a'), waits(lab, 'a', '1.2'), waits(lab, 'b')]).toEqual([true, true, false]);
  });

  test('and for one that has not said so of this very task where all are in doubt', () => {
    const lab = told('a', 'b');
    lab.job(ten);
    lab.decides((turn) => doubt(turn, lab.member('a'), lab.task('1.1'), 'x'));
    lab.decides((turn) => doubt(turn, lab.member('b'), lab.task('1.2'), 'y'));
    expect([waits(lab, 'a'), waits(lab, 'b')]).toEqual([true, false]);
  });

  test('not where there is no other, nor when the matter is settled', () => {
    const lab = told('a');
    const job = lab.job(ten);
    lab.decides((turn) => doubt(turn, lab.member('a'), lab.task('1.1'), 'x'));
    expect(waits(lab, 'a')).toBe(false);
    lab.pc('b');
    expect(waits(lab, 'a')).toBe(true);
    lab.state.transient.unstartable.add(job.id);
    expect(waits(lab, 'a')).toBe(false);
  });
});

describe('programs that end at once, and badly', () => {
  const exits = (lab: ToldLab, on: string, task: string) =>
    lab.decides((turn) =>
      onQuickExit(turn, lab.member(on), lab.jobOf(task.split('.')[0] ?? ''), lab.task(task)),
    );
  const goesWell = (lab: ToldLab, on: string, job: string) =>
    lab.decides((turn) => onWentWell(turn, lab.member(on), lab.jobOf(job)));

  test('are the PC’s fault when it alone does so to what runs well elsewhere', () => {
    const lab = told('a', 'b');
    lab.job(ten);
    goesWell(lab, 'b', '1');
    exits(lab, 'a', '1.1');
    exits(lab, 'a', '1.2');
    expect(cordoned(lab)).toEqual([]);
    expect(exits(lab, 'a', '1.3').events).toMatchObject([
      { because: { code: 'quick-exits-of-job', facts: { programs: 3, job: '1' } } },
    ]);
  });

  test('are the program’s affair as long as nothing runs well elsewhere, which may show later', () => {
    const lab = told('a', 'b');
    const job = lab.job(ten);
    for (const task of ['1.1', '1.2', '1.3']) exits(lab, 'a', task);
    lab.runs('b', job, 4);
    lab.passes(quickMs).decides(judgeQuickExits);
    expect(cordoned(lab)).toEqual([]);
    lab.passes(1).decides(judgeQuickExits);
    expect(cordoned(lab)).toEqual(['a']);
    // Meanwhile its word on the job is in doubt.
    expect([...doubtersOf(lab.state, job)]).toEqual(['a']);
  });

  test('on two PCs clear both', () => {
    const lab = told('a', 'b', 'c');
    lab.job(ten);
    goesWell(lab, 'c', '1');
    exits(lab, 'a', '1.1');
    exits(lab, 'a', '1.2');
    exits(lab, 'b', '1.3');
    exits(lab, 'a', '1.4');
    expect(cordoned(lab)).toEqual([]);
    // What was before is forgotten, also once the other one is out of it.
    goesWell(lab, 'b', '1');
    lab.decides(judgeQuickExits);
    expect(cordoned(lab)).toEqual([]);
  });

  test('of three jobs are enough, though each was but once', () => {
    const lab = told('a', 'b');
    for (let at = 0; at < 4; at += 1) lab.job();
    goesWell(lab, 'b', '4');
    for (const task of ['1.0', '2.0']) exits(lab, 'a', task);
    expect(cordoned(lab)).toEqual([]);
    expect(exits(lab, 'a', '3.0').events).toMatchObject([
      { because: { code: 'quick-exits-of-jobs', facts: { jobs: 3 } } },
    ]);
  });

  test('that went well on the PC itself prove nothing against it', () => {
    const lab = told('a', 'b');
    lab.job(ten);
    goesWell(lab, 'a', '1');
    for (const task of ['1.1', '1.2', '1.3']) exits(lab, 'a', task);
    expect(cordoned(lab)).toEqual([]);
  });
});

test('where it went well is forgotten of jobs that are over, but for the newest', () => {
  const lab = told('a');
  lab.ends(lab.runs('a', lab.job()));
  lab.job();
  lab.decides((turn) => onWentWell(turn, lab.member('a'), lab.jobOf('1')));
  expect([...lab.state.transient.goneWell.keys()]).toEqual(['1']);
  lab.decides((turn) => onWentWell(turn, lab.member('a'), lab.jobOf('2')));
  expect([...lab.state.transient.goneWell.keys()]).toEqual(['2']);
});

test('who is forgiven begins anew, and nobody else', () => {
  const lab = told('a', 'b');
  lab.job(ten);
  for (const name of ['a', 'b'])
    lab.decides((turn) => {
      doubt(turn, lab.member(name), lab.task(name === 'a' ? '1.1' : '1.2'), 'x');
      onMachineFault(turn, lab.member(name).id, lab.task('1.1').id, because);
      turn.state.transient.quickExits.set(lab.member(name).id, new Map());
    });
  forgive(lab.state, lab.member('a').id);
  const { faults, quickExits, doubts } = lab.state.transient;
  expect([faults, quickExits].map((map) => [...map.keys()])).toEqual([['b'], ['b']]);
  expect([...doubts.keys()]).toEqual(['1.2']);
});
