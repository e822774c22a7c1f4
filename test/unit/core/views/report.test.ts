import { expect, test } from 'vitest';
import { minutes } from '../../../../shared/base/units.ts';
import { epoch, memberId } from '../../../../shared/domain/ids.ts';
import { nightReport } from '../../../../src-main/core/views/report.ts';
import { because, checkpointOf, ToldLab } from '../told-lab.ts';

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b', 'c']) lab.pc(name);
  return lab.happens({ e: 'night-opened', night: 1 }).passes(1000);
}
const report = (lab: ToldLab) => nightReport(lab.state, 'Room 1', lab.turn().wall, () => '07:30');

test('a quiet night is told as one', () => {
  const lab = told();
  expect(report(lab)).toMatchObject({
    ...{
      lab: 'Room 1',
      night: 1,
      from: lab.wall - 1000,
      until: lab.wall,
      tasksDone: 0,
      moves: [],
      losses: [],
    },
    ...{ failures: [], returned: { given: 0, confirmed: 0 }, minutesLost: 0, coreHours: 0 },
  });
});

test('a night that is over is told until its end', () => {
  const lab = told().happens({ e: 'night-ended', night: 1, because: 'morning' });
  const end = lab.wall;
  expect(report(lab.passes(minutes(60))).until).toBe(end);
});

test('moves, losses and failures are told, with names, also of what has left the lab', () => {
  const lab = told();
  lab.member('b').name = 'desk';
  const task = lab.moves(lab.runs('a'), 'b');
  lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
  lab.happens({
    e: 'task-attempt-lost',
    task: task.id,
    epoch: epoch(2),
    reason: because,
    lostMs: minutes(3),
    avoid: null,
  });
  lab.ends(lab.runs('a', lab.jobOf('1')), 'failed');
  const held = lab.runs('a');
  lab.happens({ e: 'task-held', task: held.id, reason: because });
  lab.saves(lab.runs('b'), checkpointOf('a'), true);
  const expected = {
    ...{ tasksFailed: 1, tasksSuspended: 1, checkpoints: 1, minutesLost: 3 },
    moves: [{ task: '1.0', from: 'a', to: 'desk' }],
    losses: [{ task: '1.0', machine: 'desk', minutes: 3 }],
  };
  expect(report(lab)).toMatchObject(expected);
  expect(
    report(lab)
      .failures.map(({ task }) => task)
      .sort(),
  ).toEqual(['1.0', '2.0']);
  lab.happens({ e: 'job-removed', job: task.job, because });
  expect(report(lab)).toMatchObject(expected);
  expect(
    report(lab)
      .failures.map(({ task }) => task)
      .sort(),
  ).toEqual(['1.0', '2.0']);
});

test('nights before are not told once more', () => {
  const lab = told();
  const task = lab.moves(lab.runs('a'), 'b');
  lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
  lab.ends(task, 'failed');
  lab.passes(1000).happens({ e: 'night-opened', night: 2 });
  expect(report(lab)).toMatchObject({ night: 2, tasksFailed: 0, failures: [], moves: [] });
});

test('PCs that were given back count as returned once they are known to have left', () => {
  const lab = told();
  const [a, b, c] = [memberId('a'), memberId('b'), memberId('c')];
  lab.happens(
    { e: 'member-released', member: a },
    { e: 'member-released', member: b },
    { e: 'member-lost', member: c },
  );
  expect(report(lab).returned).toEqual({ given: 2, confirmed: 0 });
  lab.happens({ e: 'member-left', member: a }, { e: 'member-stayed', member: b });
  expect(report(lab).returned).toEqual({ given: 2, confirmed: 1 });
  expect(report(lab).machines.map(({ name, flag }) => [name, flag])).toEqual([
    ['a', null],
    ['b', 'stayed'],
    ['c', null],
  ]);
});
