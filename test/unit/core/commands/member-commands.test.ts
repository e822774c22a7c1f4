import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import {
  banMembers,
  cordonMembers,
  enrolMember,
  evacuateMembers,
  forgetMembers,
  releaseMembers,
  unbanMembers,
  uncordonMembers,
} from '../../../../src-main/core/commands/member-commands.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import type { Turn } from '../../../../src-main/core/state/turn.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { kinds, others, refusalOf, ToldLab } from '../told-lab.ts';

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  return lab.happens({ e: 'night-opened', night: 1 });
}
type Outcome = ReturnType<typeof cordonMembers>;
const does = (lab: ToldLab, command: (turn: Turn) => Outcome): string[] | string => {
  const turn = lab.turn();
  const done = command(turn);
  return done.ok ? kinds(turn) : refusalOf(done);
};
const member = memberId('a');

describe('a PC that enrols', () => {
  const enrols = (lab: ToldLab, key: string, wanted: string | null = null, boot?: string) => {
    const facts = { ...factsOf(key), ...(boot === undefined ? {} : { boot }) };
    const done = enrolMember(lab.turn(), facts, wanted, 'tok');
    return done.ok ? done.value.member : refusalOf(done);
  };

  test('gets a name that is free, and the same one every night', () => {
    const lab = new ToldLab();
    expect([enrols(lab, 'x', 'Desk'), enrols(lab, 'y', 'Desk'), enrols(lab, 'x', 'Other')]).toEqual(
      [...['desk', 'pc-01', 'desk']],
    );
    expect(lab.member('desk').enrolledBy).toBe('tok');
  });

  test('finds its seat, whoever it was given to', () => {
    const lab = new ToldLab();
    const seat = { room: 'A', row: 1, place: 2 };
    lab.happens({ e: 'seats-given', seats: [{ machineKey: factsOf('x').machineKey, seat }] });
    enrols(lab, 'x', 'desk');
    expect(lab.member('desk').seat).toEqual(seat);
  });

  test('gets no name of a PC that was forgotten, while a certificate may bear it', () => {
    const lab = told().happens({ e: 'member-lost', member }, { e: 'member-forgotten', member });
    expect(enrols(lab.passes(hours(25) - 1), 'x', 'a')).toBe('pc-01');
    expect(enrols(lab.passes(1), 'y', 'a')).toBe('a');
  });

  test('is refused when it is banned, and when another boot of it is here', () => {
    const lab = told();
    expect(enrols(lab, 'a', null, 'two')).toMatch(/^failed: a is in the lab already/);
    lab.happens({ e: 'member-banned', member, because: 'loud' });
    expect(enrols(lab, 'a')).toMatch(/^refused: .*loud/);
  });

  test('as a new boot was not seen yet, but when it was heard is known', () => {
    const lab = told();
    lab.happens({ e: 'member-lost', member });
    const { heardAt } = seenOf(lab.state, lab.member('a'));
    enrols(lab.passes(5), 'a');
    expect(seenOf(lab.state, lab.member('a'))).toMatchObject({ linked: false, heardAt });
    // One that is here goes on as it was seen.
    enrols(lab, 'b');
    expect(seenOf(lab.state, lab.member('b')).linked).toBe(true);
  });
});

describe('all that are named, or none', () => {
  test('are cordoned, and who is so already stays so', () => {
    const lab = told();
    expect(does(lab, (turn) => cordonMembers(turn, ['a']))).toEqual(['member-cordoned']);
    expect(does(lab, (turn) => cordonMembers(turn, 'all'))).toEqual(['member-cordoned']);
    expect(does(lab, (turn) => cordonMembers(turn, ['a', 'z']))).toMatch(/^not-found: .*z/);
  });

  test('are cordoned none when one may not be', () => {
    const lab = told().happens({ e: 'member-banned', member: memberId('b'), because: null });
    expect(does(lab, (turn) => uncordonMembers(turn, ['a', 'b']))).toMatch(/^refused: /);
    expect(does(lab, (turn) => releaseMembers(turn, ['z'], 'now', false) as never)).toMatch(
      /^not-found: /,
    );
  });

  test('may work again, and are forgiven also when they might already', () => {
    const lab = told();
    lab.state.transient.faults.set(member, new Set());
    expect(does(lab, (turn) => uncordonMembers(turn, ['a']))).toEqual([]);
    expect(lab.state.transient.faults.size).toBe(0);
    does(lab, (turn) => cordonMembers(turn, ['a']));
    expect(does(lab, (turn) => uncordonMembers(turn, ['a', 'a']))).toEqual(['member-uncordoned']);
  });
});

describe('a PC that is banned', () => {
  test('is hung up on, each time somebody says so, and banned once', () => {
    const lab = told();
    const turn = lab.turn();
    banMembers(turn, ['a'], 'loud');
    expect([kinds(turn), others(turn)]).toEqual([['member-banned'], [{ d: 'hang-up', member }]]);
    expect(seenOf(lab.state, lab.member('a')).linked).toBe(false);
    expect(does(lab, (turn) => banMembers(turn, ['a'], null))).toEqual([]);
    expect(lab.member('a').banned?.because).toBe('loud');
  });

  test('is let in again, and nobody with it who was not banned', () => {
    const lab = told().happens({ e: 'member-banned', member, because: null });
    expect(does(lab, (turn) => unbanMembers(turn, ['a', 'b']))).toMatch(
      /^refused: b is not banned/,
    );
    expect(does(lab, (turn) => unbanMembers(turn, ['a']))).toEqual(['member-unbanned']);
  });
});

describe('a PC is forgotten', () => {
  test('when it is away and has nothing of ours, and nobody sees it any more', () => {
    const lab = told().happens({ e: 'member-released', member });
    const turn = lab.turn();
    expect(forgetMembers(turn, ['a'])).toEqual({ ok: true, value: { machines: ['a'] } });
    expect([kinds(turn), others(turn), lab.state.seen.has(member)]).toEqual([
      ...[['member-forgotten'], [{ d: 'hang-up', member }], false],
    ]);
  });

  test('not while it is here, nor while a task may run there, and then none with it', () => {
    const lab = told();
    lab.runs('a');
    lab.happens({ e: 'member-lost', member }, { e: 'member-lost', member: memberId('b') });
    expect(does(lab, (turn) => forgetMembers(turn, ['b', 'a']))).toMatch(
      /^refused: a is in the lab/,
    );
    expect(lab.state.members.size).toBe(2);
    expect(does(told(), (turn) => forgetMembers(turn, ['b']))).toMatch(/^refused: b is in the lab/);
  });
});

describe('PCs are emptied', () => {
  test('and who is being emptied already is not told again', () => {
    const lab = told();
    expect(does(lab, (turn) => evacuateMembers(turn, ['a']))).toEqual(['member-draining']);
    expect(does(lab, (turn) => evacuateMembers(turn, 'all'))).toEqual(['member-draining']);
    expect(does(lab, (turn) => evacuateMembers(turn, 'all'))).toEqual([]);
  });

  test('for good, and what that costs may be asked before', () => {
    const lab = told();
    lab.runs('a');
    lab.passes(minutes(3));
    const turn = lab.turn();
    expect(releaseMembers(turn, 'all', 'now', true)).toMatchObject({
      value: { machines: ['a', 'b'], minutesLost: 3 },
    });
    expect(kinds(turn)).toEqual([]);
    const release = (when: 'now' | 'checkpoint') => releaseMembers(lab.turn(), ['a'], when, false);
    expect(release('checkpoint')).toMatchObject({ value: { minutesLost: 0 } });
    expect(lab.member('a').drain).toEqual({ purpose: 'release', moment: 'checkpoint' });
  });
});
