import { expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import { kinds, ToldLab } from '../told-lab.ts';

const member = memberId('pc-01');

test('a turn begins with nothing decided and nothing touched', () => {
  const turn = new ToldLab().turn();
  expect([turn.events, turn.directives, turn.touched.members.size]).toEqual([[], [], 0]);
  expect(turn.minuteOfDay).toBeNull();
});

test('what is decided has happened at once, at the turn’s wall clock, and later decisions see it', () => {
  const lab = new ToldLab();
  lab.pc('pc-01');
  const turn = lab.turn();
  turn.emit({ e: 'member-suspected', member });
  expect(lab.member('pc-01').state).toBe('suspect');
  turn.emit({ e: 'member-released', member });
  expect(lab.member('pc-01')).toMatchObject({ state: 'released', releasedAt: lab.wall });
  expect(kinds(turn)).toEqual(['member-suspected', 'member-released']);
  expect([...turn.touched.members]).toEqual([member]);
});

test('what is said waits as a directive, in the order in which it was said', () => {
  const turn = new ToldLab().turn();
  turn.send(member, { t: 'go' });
  turn.directives.push({ d: 'close', member });
  turn.send(member, { t: 'lease', n: 1 });
  expect(turn.directives).toEqual([
    { d: 'send', member, message: { t: 'go' } },
    { d: 'close', member },
    { d: 'send', member, message: { t: 'lease', n: 1 } },
  ]);
  expect(turn.events).toEqual([]);
});
