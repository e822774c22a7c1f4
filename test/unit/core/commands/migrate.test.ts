import { describe, expect, test } from 'vitest';
import { gibibytes, mebibytes, monotonicMillis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import { mayMove, migrateTask, moveTargets } from '../../../../src-main/core/commands/migrate.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { because, kinds, refusalOf, ToldLab } from '../told-lab.ts';

/** Task 1.0 runs on `a`. */
function told(wish: Partial<JobSpec> = {}): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  lab.runs('a', lab.job(wish));
  return lab;
}
const migrates = (lab: ToldLab, task: string, to: string) => {
  const turn = lab.turn();
  const done = migrateTask(turn, task, to);
  return done.ok ? [done.value.from, done.value.to, ...kinds(turn)] : refusalOf(done);
};

describe('a task moves by hand', () => {
  test('by id or name to where it is wanted', () => {
    expect(migrates(told(), '1.0', 'b')).toEqual(['a', 'b', 'task-move-begun']);
    expect(migrates(told(), 'work', 'b')).toEqual(['a', 'b', 'task-move-begun']);
  });

  test('nowhere when it is there already', () => {
    expect(migrates(told(), '1.0', 'a')).toEqual(['a', 'a']);
  });

  test('also to a full PC, which may be crowded twice over and no more', () => {
    const lab = told();
    for (let at = 0; at < 3; at += 1) lab.runs('b');
    expect(mayMove(lab.state, lab.task('1.0'), lab.member('b')).ok).toBe(true);
    lab.runs('b');
    expect(migrates(lab, '1.0', 'b')).toMatch(
      /^refused: b is crowded already: tasks for 4 processors share its 2/,
    );
  });

  test.each<[string, (lab: ToldLab) => unknown, string | RegExp]>([
    [
      'when it is over',
      (lab) => lab.ends(lab.task('1.0')),
      /^refused: .*not running \(it is done\)/,
    ],
    [
      'when it moves already',
      (lab) => lab.moves(lab.task('1.0'), 'b'),
      /^refused: .*on its way to b already/,
    ],
    [
      'when it is taken back',
      (lab) =>
        lab.happens({
          e: 'task-recalled',
          task: lab.task('1.0').id,
          epoch: lab.task('1.0').epoch,
          reason: because,
        }),
      /^refused: .*being taken back/,
    ],
    [
      'when it is ended',
      (lab) => lab.happens({ e: 'task-stopping', task: lab.task('1.0').id }),
      /^refused: .*being ended/,
    ],
    [
      'when its PC does not answer',
      (lab) => (seenOf(lab.state, lab.member('a')).linked = false),
      /^refused: a does not answer/,
    ],
    [
      'when its PC is silent',
      (lab) => lab.happens({ e: 'member-suspected', member: memberId('a') }),
      /^refused: a does not answer/,
    ],
    [
      'to a PC that is cordoned',
      (lab) => lab.happens({ e: 'member-cordoned', member: memberId('b'), because }),
      /^refused: b takes no tasks: it is cordoned/,
    ],
    [
      'to a PC that is lost',
      (lab) => lab.happens({ e: 'member-lost', member: memberId('b') }),
      /^refused: b takes no tasks: it is lost/,
    ],
    [
      'while it is suspended',
      (lab) =>
        lab.state.transient.saving.set(lab.task('1.0').id, {
          then: 'suspend',
          since: monotonicMillis(1),
        }),
      /^refused: .*being saved/,
    ],
    [
      'to a PC with too little memory left',
      (lab) =>
        lab.runs('b', lab.job({ resources: { cpus: 1, memory: mebibytes(4000), wallTime: null } })),
      /^refused: b has too little free memory/,
    ],
  ])('not %s', (_what, change, refusal) => {
    const lab = told();
    change(lab);
    expect(migrates(lab, '1.0', 'b')).toMatch(refusal);
  });

  test.each<[string, Partial<JobSpec>, RegExp]>([
    ['it is pinned', { pin: true }, /^refused: .*pinned/],
    [
      'it asks for more than the PC has',
      { resources: { cpus: 2, memory: gibibytes(4), wallTime: null } },
      /^refused: .*cannot go to c: .*memory/,
    ],
  ])('not when %s', (_what, wish, refusal) => {
    const lab = told(wish);
    lab.pc('c', { memory: gibibytes(2) });
    expect(migrates(lab, '1.0', 'c')).toMatch(refusal);
  });

  test('not when nobody knows the task, or the PC', () => {
    expect(migrates(told(), '9.0', 'b')).toMatch(/^not-found/);
    expect(migrates(told(), '1.0', 'z')).toMatch(/^not-found/);
  });

  test('while it is only being saved', () => {
    const lab = told();
    lab.state.transient.saving.set(lab.task('1.0').id, {
      then: 'continue',
      since: monotonicMillis(1),
    });
    expect(migrates(lab, '1.0', 'b')).toContain('task-move-begun');
  });
});

test('where a task may go is told of every PC that is here but its own, as the command would say it', () => {
  const lab = told();
  lab.pc('c', { packs: [] });
  lab.pc('d');
  lab.happens({ e: 'member-lost', member: memberId('d') });
  lab.runs('b');
  const targets = moveTargets(lab.state, '1.0');
  expect(targets).toMatchObject({
    value: [
      { machine: 'b', cpu: 2, free: 1, refusal: null },
      {
        machine: 'c',
        cpu: 2,
        free: 2,
        refusal: { code: 'task-does-not-fit', facts: { misfit: { code: 'no-pack' } } },
      },
    ],
  });
  expect(moveTargets(lab.state, '9.9').ok).toBe(false);
});
