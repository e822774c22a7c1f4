import { expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { standingOf } from '../../../../src-main/core/membership/standing.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { because, ToldLab } from '../told-lab.ts';

const member = memberId('pc-01');

test.each<[string, readonly LabEvent[], string]>([
  ['is here', [], 'present'],
  ['is silent for a moment', [{ e: 'member-suspected', member }], 'present'],
  [
    'is being emptied',
    [{ e: 'member-draining', member, purpose: 'release', moment: 'now', because }],
    'present',
  ],
  ['is cordoned', [{ e: 'member-cordoned', member, because }], 'present'],
  ['was lost', [{ e: 'member-lost', member }], 'away'],
  ['was given back', [{ e: 'member-released', member }], 'away'],
  ['was forgotten', [{ e: 'member-forgotten', member }], 'away'],
  [
    'was given back and has just enrolled again',
    [
      { e: 'member-released', member },
      { e: 'member-enrolled', member, name: 'pc-01', seat: null, facts: factsOf('pc-01') },
    ],
    'present',
  ],
  ['is banned while it is here', [{ e: 'member-banned', member, because: null }], 'banned'],
  [
    'was banned and then lost',
    [
      { e: 'member-banned', member, because: null },
      { e: 'member-lost', member },
    ],
    'banned',
  ],
  [
    'was let in again',
    [
      { e: 'member-banned', member, because: null },
      { e: 'member-unbanned', member },
    ],
    'present',
  ],
])('a PC that %s is %3$s', (_what, events, standing) => {
  const lab = new ToldLab();
  lab.pc('pc-01');
  lab.happens(...events);
  expect(standingOf(lab.state, member)).toBe(standing);
});

test('one that was never here is away', () => {
  expect(standingOf(new ToldLab().state, memberId('pc-09'))).toBe('away');
});
