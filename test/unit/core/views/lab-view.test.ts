import { expect, test } from 'vitest';
import { epoch } from '../../../../shared/domain/ids.ts';
import { labView } from '../../../../src-main/core/views/lab-view.ts';
import { ToldLab } from '../told-lab.ts';

const view = (lab: ToldLab) =>
  labView(lab.state, { lab: 'Room 1' } as never, () => '07:30', lab.turn().wall);

test('an empty lab has nothing to show but itself', () => {
  expect(view(new ToldLab())).toMatchObject({
    ...{ lab: 'Room 1', night: 0, machines: [], jobs: [], moves: [], arrived: [] },
  });
});

test('a move is told while it goes on, and for ten seconds after it arrived', () => {
  const lab = new ToldLab();
  for (const name of ['a', 'b', 'c']) lab.pc(name);
  lab.member('b').name = 'desk';
  const task = lab.moves(lab.runs('a'), 'b');
  expect(view(lab)).toMatchObject({ moves: [{ task: '1.0', from: 'a', to: 'desk' }], arrived: [] });
  lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
  const at = lab.wall;
  expect(view(lab.passes(10_000))).toMatchObject({
    moves: [],
    arrived: [{ task: '1.0', from: 'a', to: 'desk', at }],
  });
  expect(view(lab.passes(1)).arrived).toEqual([]);
});

test('a task that moved and is on its way again, or was lost there, has not arrived', () => {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  const task = lab.moves(lab.runs('a'), 'b');
  lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
  lab.ends(task);
  expect(view(lab).arrived).toEqual([]);
});
