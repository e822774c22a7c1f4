import { describe, expect, test } from 'vitest';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import { hearUsage, isStale } from '../../../../src-main/core/lab/hear.ts';
import { usageOf } from '../../../../src-main/core/state/state.ts';
import { kinds, said, ToldLab } from '../told-lab.ts';

const id = '1.0' as TaskId;

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  return lab;
}

describe('what a PC says of an attempt', () => {
  test('that it was given is heard: it runs', () => {
    const lab = told();
    lab.starts('a');
    const started = { t: 'started', task: id, epoch: epoch(1), resumed: false } as const;
    expect(kinds(lab.listensTo('a', started))).toEqual(['task-started']);
    expect(kinds(lab.listensTo('a', started))).toEqual([]);
  });

  test.each([
    ['another PC', 'b', 1],
    ['an attempt that is over', 'a', 0],
    ['one that never was', 'a', 7],
  ])('that is not its own, %s, is taken from it', (_, on, number) => {
    const lab = told();
    lab.starts('a');
    const turn = lab.listensTo(on, {
      t: 'started',
      task: id,
      epoch: epoch(number),
      resumed: false,
    });
    expect([kinds(turn), said(turn)]).toEqual([[], [`${on}: discard`]]);
  });

  test('that it does not hold counts as if its hello had left it out', () => {
    const lab = told();
    const task = lab.runs('a');
    const unknown = { t: 'unknown-attempt', task: id, epoch: epoch(1) } as const;
    expect(kinds(lab.listensTo('b', unknown))).toEqual([]);
    expect(kinds(lab.listensTo('a', unknown))).toEqual(['task-attempt-lost']);
    expect(task.state).toBe('queued');
  });

  test('its use of the processor counts for the attempt that holds the task, and never falls', () => {
    const lab = told();
    const task = lab.runs('a');
    const uses = (on: string, cpuSeconds: number) => {
      lab.decides((turn) =>
        hearUsage(turn, lab.member(on), {
          ...{ t: 'usage', of: [{ task: id, epoch: epoch(1), cpuSeconds, memory: 5 }] },
        }),
      );
      return usageOf(lab.state, task).cpuSeconds;
    };
    expect([uses('a', 3), uses('a', 2), uses('b', 9)]).toEqual([3, 3, 3]);
  });

  test('is stale once the attempt is over', () => {
    const lab = told();
    const task = lab.runs('a');
    const of = { task: id, epoch: epoch(1) };
    expect(isStale(lab.state, memberId('a'), of)).toBe(false);
    expect(isStale(lab.state, memberId('b'), of)).toBe(true);
    lab.ends(task);
    expect(isStale(lab.state, memberId('a'), of)).toBe(true);
  });
});
