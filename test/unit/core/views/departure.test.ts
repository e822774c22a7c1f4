import { noteWords } from '../../../../shared/words/machine-words.ts';
import { expect, test } from 'vitest';
import { minutes } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { departureFlag, departureNote } from '../../../../src-main/core/views/departure.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { because, ToldLab } from '../told-lab.ts';

const member = memberId('a');
const facts = factsOf('a');
const released: LabEvent = { e: 'member-released', member };
const left: LabEvent = { e: 'member-left', member };
const cameBack: LabEvent = { e: 'member-came-back', member, facts, after: minutes(2) };
const byDay: LabEvent = {
  ...{ e: 'member-draining', member, purpose: 'release', moment: 'checkpoint', because },
  clockSaid: '2000-01-01 00:03',
};

test.each<[string, readonly LabEvent[], string | null, RegExp | null]>([
  ['is here', [], null, null],
  ['was lost', [{ e: 'member-lost', member }], null, null],
  ['was given back', [released], null, /07:30; whether it left is not known/],
  ['has left', [released, left], null, /07:30, and it has left/],
  ['still runs', [released, { e: 'member-stayed', member }], 'stayed', /switch it off by hand/],
  ['came back', [released, cameBack], 'came-back', /came back .*take out its boot medium/],
  ['came back and was switched off', [released, cameBack, left], 'came-back', /and left at last/],
  ['came back and is told to go', [released, cameBack, released], 'came-back', /and goes now/],
  ['has a wrong clock', [byDay], null, /own clock said 2000-01-01 00:03 when it was 07:30/],
  ['has a wrong clock and has left', [byDay, released, left], null, /own clock said/],
])('of a PC that %s', (_what, events, flag, words) => {
  const lab = new ToldLab();
  lab.pc('a');
  lab.happens(...events);
  expect(departureFlag(lab.member('a'))).toBe(flag);
  const note = departureNote(lab.member('a'), () => '07:30');
  if (words) expect(note && noteWords(note)).toMatch(words);
  else expect(note).toBeNull();
});
