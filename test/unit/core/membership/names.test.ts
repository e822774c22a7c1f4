import { describe, expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { MemberFacts } from '../../../../shared/domain/member.ts';
import {
  findMember,
  freeName,
  memberOfMachine,
} from '../../../../src-main/core/membership/names.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { ToldLab } from '../told-lab.ts';

describe('the name of a new PC', () => {
  test.each<[string | null, readonly string[], string]>([
    [null, [], 'pc-01'],
    [null, ['pc-01', 'pc-03'], 'pc-02'],
    ['', [], 'pc-01'],
    ['Front Desk', [], 'front-desk'],
    ['  PC_07! ', [], 'pc-07'],
    ['front-desk', ['front-desk'], 'pc-01'],
    ['äöü', [], 'pc-01'],
    ['---', [], 'pc-01'],
    ['a'.repeat(60), [], 'a'.repeat(40)],
  ])('that wants %j where there are %j is %s', (wanted, taken, name) => {
    expect(freeName(new Set(taken.map(memberId)), wanted)).toBe(name);
  });

  test('has three digits when a hundred are there', () => {
    expect(freeName({ has: (id) => /^pc-\d\d$/.test(id) }, null)).toBe('pc-100');
  });
});

describe('a PC is known again', () => {
  const card = (address: string, builtIn = true) => ({ address, builtIn }) as never;
  const facts = (machineKey: string, ...cards: never[]): MemberFacts => ({
    ...factsOf('x'),
    machineKey,
    cards,
  });
  const lab = new ToldLab();
  lab.pc('a', facts('52:54:00:00:00:01', card('52:54:00:00:00:01'), card('52:54:00:00:00:02')));
  lab.pc(
    'b',
    facts('52:54:00:00:00:03', card('52:54:00:00:00:03'), card('52:54:00:00:00:09', false)),
  );
  const known = (facts: MemberFacts) => memberOfMachine(lab.state.members.values(), facts)?.name;

  test.each<[string, MemberFacts, string | undefined]>([
    ['by its key', facts('52:54:00:00:00:03'), 'b'],
    [
      'by a built-in card, when it calls itself by another one',
      facts('52:54:00:00:00:02', card('52:54:00:00:00:02')),
      'a',
    ],
    ['by its key before any card', facts('52:54:00:00:00:03', card('52:54:00:00:00:01')), 'b'],
    [
      'not by a dock that stands elsewhere tomorrow',
      facts('52:54:00:00:00:09', card('52:54:00:00:00:09', false)),
      undefined,
    ],
    ['not as anybody when it is new', facts('52:54:00:00:00:0a'), undefined],
  ])('%s', (_what, said, name) => {
    expect(known(said)).toBe(name);
  });

  test('in an empty lab as nobody', () => {
    expect(memberOfMachine([], factsOf('x'))).toBeUndefined();
  });
});

test('a PC is found by its id before any name', () => {
  const lab = new ToldLab();
  lab.pc('a');
  lab.pc('b').name = 'a';
  lab.member('a').name = 'desk';
  const found = (text: string) => findMember(lab.state.members, text)?.id;
  expect(['a', 'b', 'desk', '', 'A'].map(found)).toEqual(['a', 'b', 'a', undefined, undefined]);
});
