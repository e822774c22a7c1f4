import { describe, expect, test } from 'vitest';
import { monotonicMillis } from '../../../../shared/base/units.ts';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import type { AttemptReport } from '../../../../shared/wire/task-spec.ts';
import { reconcile } from '../../../../src-main/core/lab/hear.ts';
import { because, checkpointOf, kinds, said, sent, ToldLab } from '../told-lab.ts';

type State = AttemptReport['state'];
const task = '1.0' as TaskId;
const holds = (state: State, number = 1, of = task): AttemptReport => ({
  ...{ task: of, epoch: epoch(number), state },
});

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  return lab;
}
/** What is decided, and what is said to whom, when that PC says hello with these. */
const hello = (lab: ToldLab, on: string, ...reports: readonly AttemptReport[]) => {
  const turn = lab.decides((turn) => reconcile(turn, lab.member(on), reports));
  return [kinds(turn), said(turn)];
};
const quiet = [[], []];

describe('a hello of a PC that has nothing to do', () => {
  test('with nothing settles nothing', () => {
    expect(hello(told(), 'a')).toEqual(quiet);
  });

  test.each<State>(['starting', 'running', 'frozen', 'leaving', 'uncertain', 'arriving'])(
    'with a task that is %s and not its own makes it drop that',
    (state) => {
      const lab = told();
      lab.runs('b');
      expect(hello(lab, 'a', holds(state))).toEqual([[], ['a: discard']]);
      expect(hello(lab, 'a', holds(state, 3, '9.0' as TaskId))).toEqual([[], ['a: discard']]);
    },
  );

  test('with one that has ended waits for its report', () => {
    expect(hello(told(), 'a', holds('ended'))).toEqual(quiet);
  });
});

describe('a task that runs there', () => {
  test.each<[State, string[]]>([
    ['starting', []],
    ['running', []],
    ['frozen', []],
    ['ended', []],
    // Nobody moves it any more: the PC goes on with it.
    ['leaving', ['a: keep']],
    ['uncertain', ['a: keep']],
  ])('and is %s goes on', (state, says) => {
    const lab = told();
    lab.runs('a');
    expect(hello(lab, 'a', holds(state))).toEqual([[], says]);
  });

  test('and that the PC does not name was lost with its start, and the task is blamed', () => {
    const lab = told();
    lab.runs('a');
    const turn = lab.decides((turn) => reconcile(turn, lab.member('a'), []));
    expect(turn.events).toMatchObject([
      { e: 'task-attempt-lost', reason: { code: 'pc-started-anew', facts: { pc: 'a' } } },
      { e: 'task-blamed', machine: 'a' },
    ]);
  });

  test('and that the PC names by another number was lost, too', () => {
    const lab = told();
    lab.runs('a');
    expect(hello(lab, 'a', holds('running', 0))).toEqual([
      ['task-attempt-lost', 'task-blamed'],
      ['a: discard'],
    ]);
  });

  test('may be saved anew: what was asked for before is forgotten', () => {
    const lab = told();
    lab.runs('a');
    lab.state.transient.saving.set(task, { then: 'continue', since: monotonicMillis(1) });
    hello(lab, 'a', holds('running'));
    expect(lab.state.transient.saving.size).toBe(0);
  });
});

describe('a task that was to start there', () => {
  test('and runs has started, from its checkpoint where it had one', () => {
    const lab = told();
    const job = lab.job();
    lab.saves(lab.runs('a', job), checkpointOf('a'), true);
    lab.starts('a', job);
    const turn = lab.decides((turn) => reconcile(turn, lab.member('a'), [holds('running', 2)]));
    expect(turn.events).toMatchObject([{ e: 'task-started', resumed: true, epoch: 2 }]);
  });

  test('and is still starting is waited for', () => {
    const lab = told();
    lab.starts('a');
    expect(hello(lab, 'a', holds('starting'))).toEqual(quiet);
  });

  test('and that the PC never heard of is lost without blame', () => {
    const lab = told();
    lab.starts('a');
    expect(hello(lab, 'a')).toEqual([['task-attempt-lost'], []]);
  });

  test('twice in one hello has started once', () => {
    const lab = told();
    lab.starts('a');
    expect(hello(lab, 'a', holds('running'), holds('running'))).toEqual([['task-started'], []]);
  });
});

test('a task that was taken back is asked for again, and one that is being ended is ended at once', () => {
  const lab = told();
  lab.runs('a');
  lab.happens({ e: 'task-stopping', task });
  const turn = lab.decides((turn) => reconcile(turn, lab.member('a'), [holds('running')]));
  expect(sent(turn)).toMatchObject([['a', { t: 'stop', graceMs: 0 }]]);
  lab.happens({ e: 'task-recalled', task, epoch: epoch(1), reason: because });
  expect(hello(lab, 'a', holds('running'))).toEqual([[], ['a: discard']]);
});

describe('the source of a move', () => {
  const moving = (sent = true): ToldLab => {
    const lab = told();
    lab.moves(lab.runs('a'), 'b');
    if (!sent) lab.state.transient.moves.set(task, { sent: false } as never);
    return lab;
  };

  test.each<[string, State, boolean, unknown]>([
    ['that still sends goes on with it', 'leaving', true, quiet],
    ['that does not know asks through the head', 'uncertain', true, [[], ['b: abandon']]],
    ['that runs it has not moved it', 'running', true, [['task-move-failed'], ['b: abandon']]],
    ['that lies frozen with it sends it again', 'frozen', true, [[], ['a: send']]],
    [
      'that lies frozen and was not told to send yet keeps it',
      'frozen',
      false,
      [['task-move-failed'], ['b: abandon']],
    ],
  ])('%s', (_what, state, isSent, expected) => {
    expect(hello(moving(isSent), 'a', holds(state))).toEqual(expected);
  });

  test('that has it no more leaves it to the target', () => {
    const lab = moving();
    expect(hello(lab, 'a')).toEqual(quiet);
    expect(lab.state.transient.moves.get(task)).toMatchObject({
      sourceGone: true,
      askedAt: lab.now,
    });
  });
});

describe('the target of a move', () => {
  const moving = (): ToldLab => {
    const lab = told();
    lab.moves(lab.runs('a'), 'b');
    return lab;
  };

  test.each<State>(['running', 'frozen'])('that has it (%s) has said that it arrived', (state) => {
    const lab = moving();
    expect(hello(lab, 'b', holds(state, 2))).toEqual(quiet);
    expect(lab.state.transient.moves.get(task)?.arrivedAt).toBe(lab.now);
  });

  test('that has a part of it has not said so', () => {
    const lab = moving();
    hello(lab, 'b', { ...holds('running', 2), whole: false });
    expect(lab.state.transient.moves.get(task)).toMatchObject({
      arrivedAt: null,
      runsThereAt: lab.now,
    });
  });

  test('that still receives it is waited for', () => {
    expect(hello(moving(), 'b', holds('arriving', 2))).toEqual(quiet);
  });

  test('that has it no more gives it back', () => {
    expect(hello(moving(), 'b')).toEqual([['task-move-failed'], ['a: keep']]);
  });
});

test('a PC that comes back with a task it was thought to have gone down under is cleared', () => {
  const lab = told();
  lab.runs('a');
  lab.happens({ e: 'task-blamed', task, machine: memberId('a') });
  expect(hello(lab, 'a', holds('frozen', 1))).toEqual([['task-cleared'], []]);
});
