import { saidReason } from '../../../../shared/domain/reasons.ts';
import { describe, expect, test } from 'vitest';
import { epochMillis, monotonicMillis } from '../../../../shared/base/units.ts';
import { epoch, memberId } from '../../../../shared/domain/ids.ts';
import type { Task } from '../../../../shared/domain/job.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  askToSave,
  onBlobDamaged,
  periodicSavesPerLab,
  saveDueAt,
  savePeriodically,
  savesOn,
} from '../../../../src-main/core/attempts/saves.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { because, checkpointOf, hashOf, kinds, said, sent, ToldLab } from '../told-lab.ts';

const { checkpointEvery, moveTimeout } = practiceTimings;

function told(): { lab: ToldLab; task: Task } {
  const lab = new ToldLab();
  lab.pc('a', { processors: 8 });
  lab.pc('b');
  return { lab, task: lab.runs('a') };
}
const asks = (lab: ToldLab, task: Task, then: 'continue' | 'suspend') =>
  said(lab.decides((turn) => askToSave(turn, task, then)));

describe('a PC is asked to save a task', () => {
  test('once, and again when it is to be suspended', () => {
    const { lab, task } = told();
    expect(asks(lab, task, 'continue')).toEqual(['a: checkpoint']);
    expect(asks(lab, task, 'continue')).toEqual([]);
    expect(asks(lab, task, 'suspend')).toEqual(['a: checkpoint']);
    expect([asks(lab, task, 'suspend'), asks(lab, task, 'continue')]).toEqual([[], []]);
    expect([savesOn(lab.turn(), lab.member('a')), savesOn(lab.turn(), lab.member('b'))]).toEqual([
      1, 0,
    ]);
  });

  test('not before a pause is over, nor where it does not run', () => {
    const { lab, task } = told();
    lab.state.transient.saveNotBefore.set(task.id, monotonicMillis(lab.now + 1));
    expect(asks(lab, task, 'continue')).toEqual([]);
    expect(asks(lab.passes(1), task, 'continue')).toEqual(['a: checkpoint']);
    expect(asks(lab, lab.starts('a'), 'suspend')).toEqual([]);
    expect(asks(lab, lab.moves(lab.runs('a'), 'b'), 'suspend')).toEqual([]);
  });
});

describe('a task is due', () => {
  test('first between half a period and a whole one, and not all at once', () => {
    const { lab } = told();
    const job = lab.job({ array: { first: 1, last: 100 } });
    const spans = Array.from({ length: 100 }, (_, at) => {
      const task = lab.task(`${job.id}.${at + 1}`);
      return saveDueAt(lab.turn(), task) - lab.now;
    });
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(checkpointEvery / 2);
    expect(Math.max(...spans)).toBeLessThan(checkpointEvery);
    expect(new Set(spans.map((span) => Math.floor((10 * span) / checkpointEvery))).size).toBe(5);
  });

  test('then a period after it was saved, started or moved last', () => {
    const { lab, task } = told();
    lab.saves(task, checkpointOf('a'));
    lab.state.transient.quietSince.set(task.id, monotonicMillis(5));
    expect(saveDueAt(lab.turn(), task)).toBe(5 + checkpointEvery);
  });
});

describe('what is saved from time to time', () => {
  const periodic = (lab: ToldLab) => said(lab.decides(savePeriodically));

  test('is what is due, on PCs that are here', () => {
    const { lab } = told();
    expect(periodic(lab)).toEqual([]);
    expect(periodic(lab.passes(checkpointEvery))).toEqual(['a: checkpoint']);
    expect(periodic(lab.passes(checkpointEvery))).toEqual([]);
  });

  test.each<[string, (lab: ToldLab) => unknown]>([
    ['not linked', (lab) => (seenOf(lab.state, lab.member('a')).linked = false)],
    ['silent', (lab) => lab.happens({ e: 'member-suspected', member: memberId('a') })],
    [
      'being emptied, which saves by itself',
      (lab) =>
        lab.happens({
          ...{
            e: 'member-draining',
            member: memberId('a'),
            purpose: 'release',
            moment: 'task',
            because,
          },
        }),
    ],
  ])('is nothing on a PC that is %s', (_what, change) => {
    const { lab } = told();
    periodic(lab);
    change(lab);
    expect(periodic(lab.passes(checkpointEvery))).toEqual([]);
  });

  test('is two at a time on a PC and four in the lab, the longest overdue first', () => {
    const { lab } = told();
    for (const name of ['c', 'd']) lab.pc(name, { processors: 8 });
    for (const name of ['a', 'a', 'c', 'c', 'c', 'd', 'd']) lab.runs(name);
    const oldest = lab.runs('d');
    periodic(lab);
    lab.state.transient.quietSince.set(oldest.id, monotonicMillis(0));
    const turn = lab.passes(checkpointEvery).decides(savePeriodically);
    const tos = sent(turn).map(([to]) => to);
    expect(tos).toHaveLength(periodicSavesPerLab);
    expect(sent(turn)[0]).toMatchObject(['d', { task: oldest.id }]);
    expect(Math.max(...['a', 'c', 'd'].map((id) => tos.filter((to) => to === id).length))).toBe(2);
  });

  test('is asked for again when an answer never came', () => {
    const { lab } = told();
    periodic(lab);
    periodic(lab.passes(checkpointEvery));
    periodic(lab.passes(moveTimeout));
    expect(periodic(lab.passes(1))).toEqual([]);
    expect(periodic(lab)).toEqual(['a: checkpoint']);
  });
});

describe('a checkpoint', () => {
  const of = (task: Task, suspended = false, wish: object = {}) => ({
    ...{
      t: 'checkpointed' as const,
      task: task.id,
      epoch: task.epoch,
      suspended,
      hash: hashOf('a'),
    },
    ...{
      size: 10,
      takenAt: epochMillis(1_800_000_000_000),
      log: hashOf('c'),
      cpuSeconds: 3,
      freezeMs: 4,
    },
    ...wish,
  });
  const comes = (
    lab: ToldLab,
    message: ReturnType<typeof of>,
    absent: readonly string[] = [],
    on = 'a',
  ) => lab.listensTo(on, message, absent);

  test('that is here counts, and a task that goes on may be saved again', () => {
    const { lab, task } = told();
    asks(lab, task, 'continue');
    const turn = comes(lab.passes(7), of(task, false, { takenAt: lab.wall }));
    expect(turn.events).toMatchObject([
      {
        checkpoint: {
          hash: hashOf('a'),
          doneMs: 7,
          log: hashOf('c'),
          cpuFeatures: ['avx2', 'sse4_2'],
        },
      },
    ]);
    expect([said(turn), lab.state.transient.saving.size, task.state]).toEqual([[], 0, 'running']);
    expect(lab.state.transient.quietSince.get(task.id)).toBe(lab.now);
  });

  test('of a portable job needs no features', () => {
    const { lab } = told();
    const task = lab.runs('a', lab.job({ portable: true }));
    expect(comes(lab, of(task)).events).toMatchObject([{ checkpoint: { cpuFeatures: [] } }]);
  });

  test('of a clock that is ahead is of now', () => {
    const { lab, task } = told();
    expect(comes(lab, of(task, false, { takenAt: lab.wall + 99_999 })).events).toMatchObject([
      { checkpoint: { takenAt: lab.wall } },
    ]);
  });

  test('without its log counts', () => {
    const { lab, task } = told();
    expect(comes(lab, of(task), ['c']).events).toMatchObject([
      { e: 'task-saved', checkpoint: { log: null } },
    ]);
  });

  test('that is not here is none, and tried again', () => {
    const { lab, task } = told();
    asks(lab, task, 'continue');
    expect(kinds(comes(lab, of(task), ['a']))).toEqual([]);
    expect(lab.state.transient.saveFault.get(task.id)).toEqual({
      code: 'state-not-here',
      facts: { pc: 'a' },
    });
    expect(task.checkpoints).toEqual([]);
  });

  test('that suspends is answered, and frees the PC', () => {
    const { lab, task } = told();
    asks(lab, task, 'suspend');
    const turn = comes(lab, of(task, true));
    expect([kinds(turn), said(turn), task.state]).toEqual([
      ['task-saved'],
      ['a: forget'],
      'suspended',
    ]);
    expect(lab.state.transient.saving.size).toBe(0);
    // Told once more it is answered, or it would be told for ever.
    const again = comes(lab, of(task, true));
    expect([kinds(again), said(again)]).toEqual([[], ['a: forget']]);
  });

  test('that suspends and is not here loses the attempt, and its target gets nothing', () => {
    const { lab, task } = told();
    lab.moves(task, 'b');
    const turn = comes(lab, { ...of(task, true), epoch: epoch(1) }, ['a']);
    expect(turn.events).toMatchObject([
      { e: 'task-attempt-lost', reason: { code: 'state-not-here' } },
    ]);
    expect(said(turn)).toEqual(['a: forget', 'b: abandon']);
  });

  test('does not end a suspend that was asked for meanwhile', () => {
    const { lab, task } = told();
    asks(lab, task, 'continue');
    asks(lab, task, 'suspend');
    comes(lab, of(task));
    expect(lab.state.transient.saving.get(task.id)?.then).toBe('suspend');
  });

  test('of an attempt that is over changes nothing', () => {
    const { lab, task } = told();
    expect(kinds(comes(lab, of(task, false, { epoch: epoch(0) })))).toEqual([]);
    expect(kinds(comes(lab, of(task), [], 'b'))).toEqual([]);
  });
});

describe('a save that failed', () => {
  const fails = (lab: ToldLab, task: Task, number = task.epoch) =>
    lab.listensTo('a', { t: 'checkpoint-failed', task: task.id, epoch: number, reason: 'no room' });

  test.each(['continue', 'suspend'] as const)(
    'to %s says why, and is tried again after its pause',
    (then) => {
      const { lab, task } = told();
      asks(lab, task, then);
      fails(lab, task);
      expect(lab.state.transient.saveFault.get(task.id)).toEqual(saidReason('no room'));
      const pause = then === 'continue' ? checkpointEvery : 15_000;
      expect(asks(lab.passes(pause - 1), task, 'suspend')).toEqual([]);
      expect(asks(lab.passes(1), task, 'suspend')).toEqual(['a: checkpoint']);
    },
  );

  test('of an attempt that is over changes nothing', () => {
    const { lab, task } = told();
    asks(lab, task, 'continue');
    fails(lab, task, epoch(0));
    expect([lab.state.transient.saveFault.size, lab.state.transient.saving.size]).toEqual([0, 1]);
  });
});

test('a blob that is damaged on the head’s disk is no checkpoint any more, of whichever task', () => {
  const { lab, task } = told();
  const other = lab.runs('a');
  lab.saves(task, checkpointOf('a'));
  lab.saves(other, checkpointOf('b'));
  lab.state.transient.badRestores.set(hashOf('a'), 1);
  const turn = lab.decides((turn) => onBlobDamaged(turn, hashOf('a')));
  expect(turn.events).toMatchObject([
    { e: 'task-checkpoint-dropped', task: task.id, reason: { code: 'damaged-here' } },
  ]);
  expect(lab.state.transient.badRestores.size).toBe(0);
  expect(kinds(lab.decides((turn) => onBlobDamaged(turn, hashOf('z'))))).toEqual([]);
});
