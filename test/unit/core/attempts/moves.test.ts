import { describe, expect, test } from 'vitest';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  beginMove,
  judgeMoves,
  onMemberGone,
  onSourceGone,
  sendAnew,
} from '../../../../src-main/core/attempts/moves.ts';
import type { AboutAttempt } from '../../../../src-main/core/lab/hear.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import type { Turn } from '../../../../src-main/core/state/turn.ts';
import { because, kinds, said, sent, ToldLab } from '../told-lab.ts';

const { heartbeat, moveTimeout } = practiceTimings;
const id = '1.0' as TaskId;
const two = epoch(2);
const figures = { bytes: 9, freezeMs: 2, totalMs: 5 };

/** Task 1.0 runs on `a`, and its move to `b` was begun. */
class Move extends ToldLab {
  constructor() {
    super();
    for (const name of ['a', 'b', 'c']) this.pc(name);
    const task = this.runs('a');
    this.decides((turn) => beginMove(turn, this.jobOf('1'), task, this.member('b'), because));
  }

  does(decider: (turn: Turn) => unknown): [string[], string[]] {
    const turn = this.decides((turn) => void decider(turn));
    return [kinds(turn), said(turn)];
  }

  told(on: string, message: AboutAttempt): [string[], string[]] {
    const turn = this.listensTo(on, message);
    return [kinds(turn), said(turn)];
  }

  expecting() {
    return this.told('b', { t: 'expecting', task: id, epoch: two });
  }

  arrives(wish: { whole?: boolean } = {}, on = 'b', number = 2) {
    return this.told(on, { t: 'arrived', task: id, epoch: epoch(number), ...wish });
  }

  moved(number = 1, toEpoch = two) {
    return this.told('a', { t: 'moved', task: id, epoch: epoch(number), toEpoch, ...figures });
  }

  fails(outcome: 'thawed' | 'uncertain', toEpoch = two, number = 1, on = 'a') {
    return this.told(on, {
      ...{ t: 'move-failed', task: id, epoch: epoch(number), toEpoch, outcome, reason: 'x' },
    });
  }

  abandons(reason?: string) {
    return this.told('b', { t: 'abandoned', task: id, epoch: two, reason });
  }

  judged() {
    return this.does(judgeMoves);
  }

  /** As after a restart of the head. */
  forgets(): this {
    this.state.transient.moves.clear();
    return this;
  }

  get sent(): boolean | undefined {
    return this.state.transient.moves.get(id)?.sent;
  }

  get where(): string {
    const { attempt } = this.task(id);
    return attempt ? `${attempt.machine} ${attempt.phase}` : 'nowhere';
  }
}
const quiet = [[], []];

describe('a move', () => {
  test('goes: the target expects, the source sends, it arrives, the source lets go', () => {
    const move = new Move();
    expect(move.where).toBe('a leaving');
    expect(move.expecting()).toEqual([[], ['a: send']]);
    expect(move.arrives()).toEqual(quiet);
    expect(move.moved()).toEqual([['task-moved', 'task-move-measured'], []]);
    expect(move.where).toBe('b running');
    expect(move.task(id).migrations).toMatchObject([figures]);
  });

  test('is done when the source was heard before the target', () => {
    const move = new Move();
    move.expecting();
    expect(move.moved()).toEqual([['task-moved', 'task-move-measured'], []]);
    expect(move.arrives()).toEqual(quiet);
  });

  test('is sent once, however often the target says that it is ready', () => {
    const move = new Move();
    move.expecting();
    expect(move.expecting()).toEqual(quiet);
  });

  test('is sent to where the target is reached, with the ticket that it was given', () => {
    const move = new Move();
    const turn = move.listensTo('b', { t: 'expecting', task: id, epoch: two });
    const ticket = move.state.transient.moves.get(id)?.ticket;
    expect(ticket).toMatch(/./);
    expect(sent(turn)).toMatchObject([
      [
        'a',
        {
          t: 'send',
          epoch: 1,
          toEpoch: 2,
          ticket,
          to: { id: 'b', address: '10.0.0.1', port: 7412 },
        },
      ],
    ]);
  });

  test('is not begun of what does not run', () => {
    const lab = new ToldLab();
    lab.pc('a');
    const to = lab.pc('b');
    const task = lab.starts('a');
    expect(
      kinds(lab.decides((turn) => beginMove(turn, lab.jobOf('1'), task, to, because))),
    ).toEqual([]);
  });
});

describe('an arrival', () => {
  test('before anything was sent is not this task, which goes on at its source', () => {
    const move = new Move();
    expect(move.arrives()).toEqual([['task-move-failed'], ['b: discard']]);
    expect(move.where).toBe('a running');
  });

  test('of which a part still lies at the source moves nothing', () => {
    const move = new Move();
    move.expecting();
    expect(move.arrives({ whole: false })).toEqual(quiet);
    // The source lets go too soon: the target is asked whether it can do without.
    expect(move.moved()).toEqual(quiet);
    expect(move.passes(3 * heartbeat + 1).judged()).toEqual([[], ['b: abandon']]);
    expect(move.arrives()).toEqual([['task-moved', 'task-move-measured'], []]);
  });

  test.each([
    ['of an attempt that is over', 'b', 1],
    ['at a PC that is none of both', 'c', 2],
  ])('%s is dropped', (_what, on, number) => {
    const move = new Move();
    move.expecting();
    expect(move.arrives({}, on, number)).toEqual([[], [`${on}: discard`]]);
  });

  test('after the source was lost is all there is to wait for', () => {
    const move = new Move();
    move.expecting();
    move.happens({ e: 'member-lost', member: memberId('a') });
    expect(move.arrives()).toEqual([['task-moved'], []]);
  });

  test('said twice has arrived once', () => {
    const move = new Move();
    move.expecting();
    move.arrives();
    move.passes(5).arrives();
    expect(move.state.transient.moves.get(id)?.arrivedAt).toBe(move.now - 5);
  });

  test('of which the source does not let go: it is told to, until it does', () => {
    const move = new Move();
    move.expecting();
    move.arrives();
    expect(move.passes(10_000).judged()).toEqual(quiet);
    expect(move.passes(1).judged()).toEqual([[], ['a: discard', 'a: abandon']]);
    expect(move.passes(3 * heartbeat).judged()).toEqual(quiet);
    seenOf(move.state, move.member('a')).can = ['confirms-discards'];
    expect(move.passes(1).judged()).toEqual([[], ['a: discard']]);
    expect(move.does((turn) => onSourceGone(turn, move.task(id)))).toEqual([['task-moved'], []]);
  });
});

describe('a move that fails', () => {
  test.each([
    [
      'and goes on at its source',
      'thawed' as const,
      [['task-move-failed'], ['b: abandon']],
      'a running',
    ],
    ['and nobody knows where it is', 'uncertain' as const, [[], ['b: abandon']], 'a leaving'],
  ])('%s', (_what, outcome, expected, where) => {
    const move = new Move();
    move.expecting();
    expect(move.fails(outcome)).toEqual(expected);
    expect(move.where).toBe(where);
  });

  test('in doubt though it has arrived leaves the source nothing to hold', () => {
    const move = new Move();
    move.expecting();
    move.arrives();
    expect(move.fails('uncertain')).toEqual([[], ['a: discard', 'a: abandon']]);
  });

  test('of a move that is over already changes nothing, and says what to do', () => {
    const move = new Move();
    expect(move.fails('thawed', epoch(9))).toEqual([[], ['a: keep']]);
    expect(move.fails('thawed', two, 0)).toEqual([[], ['a: discard']]);
  });

  test('is not tried again for a while', () => {
    const move = new Move();
    move.fails('thawed');
    const notBefore = move.state.transient.moveNotBefore.get(id) ?? 0;
    expect(notBefore - move.now).toBe(3 * practiceTimings.lostAfter);
  });

  test.each([
    ['too little memory', 'too little memory'],
    ['', null],
    [undefined, null],
  ])('because its target could not take it (%s) goes on at its source', (reason, words) => {
    const move = new Move();
    move.expecting();
    expect(move.abandons(reason)).toEqual([['task-move-failed'], ['a: keep']]);
    expect(move.task(id).reason).toEqual({
      code: 'could-not-take',
      facts: { pc: 'b', said: words },
    });
    expect(move.abandons(reason)).toEqual(quiet);
  });

  test('after its source let go is lost', () => {
    const move = new Move();
    move.expecting();
    move.does((turn) => onSourceGone(turn, move.task(id)));
    expect(move.abandons()).toEqual([['task-move-failed', 'task-attempt-lost'], []]);
  });
});

describe('a PC that is lost', () => {
  const gone = (move: Move, name: string) => {
    move.happens({ e: 'member-lost', member: memberId(name) });
    return move.does((turn) => onMemberGone(turn, move.member(name), because));
  };

  test('as target gives the task back to its source', () => {
    expect(gone(new Move(), 'b')).toEqual([['task-move-failed'], ['a: keep']]);
  });

  test('as source leaves it to the target, which is asked', () => {
    const move = new Move();
    move.expecting();
    expect(gone(move, 'a')).toEqual(quiet);
    expect(move.passes(3 * heartbeat + 1).judged()).toEqual([[], ['b: abandon']]);
    expect(move.abandons()).toEqual([['task-move-failed', 'task-attempt-lost'], []]);
    expect(move.task(id).reason).toMatchObject({ code: 'pc-lost-while-leaving' });
  });

  test('as source after the arrival has moved it', () => {
    const move = new Move();
    move.expecting();
    move.arrives();
    expect(gone(move, 'a')).toEqual([['task-moved'], []]);
  });

  test('with a task that does not move loses it, and the task may be blamed', () => {
    const move = new Move();
    move.runs('c');
    expect(gone(move, 'c')).toEqual([['task-attempt-lost', 'task-blamed'], []]);
  });

  test('with nothing costs nothing', () => {
    expect(gone(new Move(), 'c')).toEqual(quiet);
  });
});

describe('a head that knows no more of a move than that it was begun', () => {
  test('asks the target at once', () => {
    expect(new Move().forgets().judged()).toEqual([[], ['b: abandon']]);
  });

  test('gives the task back when the target is gone, too', () => {
    const move = new Move().forgets();
    move.happens({ e: 'member-released', member: memberId('b') });
    expect(move.judged()).toEqual([['task-move-failed'], ['a: keep']]);
  });

  test('has it sent again by a source that lies frozen with it', () => {
    const move = new Move().forgets();
    expect(move.does((turn) => sendAnew(turn, move.task(id)))).toEqual([[], ['a: send']]);
  });
});

test('a source that lies frozen is told nothing before it was told to send, nor when its target is away', () => {
  const move = new Move();
  const anew = () => sendAnew(move.turn(), move.task(id));
  expect(anew()).toBe(false);
  move.expecting();
  seenOf(move.state, move.member('b')).linked = false;
  expect(anew()).toBe(false);
  seenOf(move.state, move.member('b')).linked = true;
  expect(anew()).toBe(true);
});

describe('a move that takes its time', () => {
  test('is asked about when it takes too long', () => {
    const move = new Move();
    move.expecting();
    expect(move.passes(moveTimeout).judged()).toEqual(quiet);
    expect(move.passes(1).judged()).toEqual([[], ['b: abandon']]);
    expect(move.judged()).toEqual(quiet);
    expect(move.passes(3 * heartbeat + 1).judged()).toEqual([[], ['b: abandon']]);
  });

  test('is not, while the task runs at its target already and both are here', () => {
    const move = new Move();
    move.expecting();
    move.arrives({ whole: false });
    expect(move.passes(2 * moveTimeout).judged()).toEqual(quiet);
  });

  test('is not asked about where the target is away', () => {
    const move = new Move();
    seenOf(move.state, move.member('b')).linked = false;
    expect(move.passes(2 * moveTimeout).judged()).toEqual(quiet);
  });
});

test('figures that come when all is settled are noted, once', () => {
  const move = new Move();
  move.expecting();
  move.arrives();
  move.does((turn) => onSourceGone(turn, move.task(id)));
  expect(move.moved()).toEqual([['task-move-measured'], []]);
  expect(move.moved()).toEqual(quiet);
});
