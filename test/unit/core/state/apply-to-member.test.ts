import { describe, expect, test } from 'vitest';
import { millis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { because, ToldLab } from '../told-lab.ts';

const member = memberId('pc-01');
const facts = factsOf('pc-01');
const enrolled: LabEvent = { e: 'member-enrolled', member, name: 'pc-01', seat: null, facts };
const arrived: LabEvent = { e: 'member-arrived', member, facts };
const released: LabEvent = { e: 'member-released', member };
const left: LabEvent = { e: 'member-left', member };
const suspected: LabEvent = { e: 'member-suspected', member };
const cameBack: LabEvent = { e: 'member-came-back', member, facts, after: millis(1) };
const cordoned: LabEvent = { e: 'member-cordoned', member, because };
const uncordoned: LabEvent = { e: 'member-uncordoned', member };
const banned: LabEvent = { e: 'member-banned', member, because: 'loud' };
const unbanned: LabEvent = { e: 'member-unbanned', member };
const draining = (purpose: 'evacuate' | 'release', clockSaid?: string): LabEvent => ({
  ...{ e: 'member-draining', member, purpose, moment: 'checkpoint', because },
  ...(clockSaid === undefined ? {} : { clockSaid }),
});

const after = (...events: readonly LabEvent[]) => new ToldLab().happens(enrolled, ...events);

describe('what becomes of a PC', () => {
  test.each<[string, readonly LabEvent[], object]>([
    ['enrolled', [], { state: 'enrolling', drain: null, releasedAt: null }],
    ['arrived', [arrived], { state: 'ready', cordoned: false }],
    ['suspected', [arrived, suspected], { state: 'suspect', beforeSuspect: 'ready' }],
    ['returned', [arrived, suspected, { e: 'member-returned', member }], { state: 'ready' }],
    [
      'returned while it was emptied',
      [arrived, draining('release'), suspected, { e: 'member-returned', member }],
      { state: 'draining', drain: { purpose: 'release', moment: 'checkpoint' } },
    ],
    [
      'told to leave while it was silent',
      [arrived, suspected, draining('release')],
      { state: 'suspect', beforeSuspect: 'draining', drain: { purpose: 'release' } },
    ],
    [
      'lost while it was emptied',
      [arrived, draining('release'), { e: 'member-lost', member }],
      { state: 'lost', drain: null },
    ],
    [
      'evacuated',
      [arrived, draining('evacuate'), { e: 'member-evacuated', member }],
      { state: 'ready', cordoned: true, drain: null },
    ],
    [
      'released',
      [arrived, draining('release'), released],
      { state: 'released', drain: null, departure: { leftAt: null, stayed: false } },
    ],
    [
      'suspected twice',
      [arrived, suspected, suspected],
      { state: 'suspect', beforeSuspect: 'ready' },
    ],
    ['cordoned and let go', [arrived, cordoned, uncordoned], { cordoned: false, cameBack: null }],
    [
      'still heard',
      [arrived, released, { e: 'member-stayed', member }],
      { departure: { stayed: true } },
    ],
    [
      'asked for, and then gone',
      [arrived, released, { e: 'member-expected', member }, left],
      { state: 'released', departure: { expected: true } },
    ],
    [
      'never given back, yet said to have stayed',
      [arrived, { e: 'member-stayed', member }],
      { departure: null },
    ],
    [
      'sent home by day',
      [arrived, draining('release', '01:02')],
      { state: 'draining', drain: { byDay: true }, wrongClock: { said: '01:02' } },
    ],
    [
      'welcome again after that',
      [arrived, draining('release', '01:02'), released, enrolled, arrived],
      { state: 'ready', wrongClock: null, departure: null, releasedAt: null },
    ],
  ])('that was %s', (_what, events, expected) => {
    expect(after(...events).member('pc-01')).toMatchObject(expected);
  });

  test('is the moment of the event, not of who reads it', () => {
    const lab = after(arrived).passes(5000).happens(released).passes(7000).happens(left);
    expect(lab.member('pc-01')).toMatchObject({
      enrolledAt: 1_800_000_000_000,
      releasedAt: 1_800_000_005_000,
      departure: { leftAt: 1_800_000_012_000 },
    });
  });

  test('is nothing where the books know no such PC', () => {
    const lab = new ToldLab().happens(arrived, suspected, released, banned, draining('release'));
    expect(lab.state.members.size).toBe(0);
  });
});

describe('a new boot', () => {
  test('of a PC whose tasks are still in the books leaves its state to the hello that settles them', () => {
    const lab = after(arrived, draining('release'), {
      ...{ ...enrolled, name: 'desk', by: 'tok' },
    });
    expect(lab.member('pc-01')).toMatchObject({
      ...{ name: 'desk', enrolledBy: 'tok', state: 'draining', drain: { purpose: 'release' } },
    });
  });

  test.each<[string, readonly LabEvent[], object]>([
    [
      'when it was given back',
      [released],
      { releasedAt: 1_800_000_000_000, departure: { stayed: false } },
    ],
    ['that it is cordoned', [cordoned, released], { cordoned: true }],
    ['that it is banned', [banned, released], { banned: { because: 'loud' } }],
    ['that it came back unasked', [released, enrolled, cameBack, left], { cameBack: { after: 1 } }],
    [
      'that its clock was wrong',
      [draining('release', 'x'), released],
      { wrongClock: { said: 'x' } },
    ],
  ])('does not forget %s', (_what, events, kept) => {
    const lab = after(arrived, ...events, enrolled);
    expect(lab.member('pc-01')).toMatchObject({ state: 'enrolling', drain: null, ...kept });
  });

  test('gives a forgotten name back to its PC', () => {
    const lab = after(arrived, { e: 'member-forgotten', member });
    expect(lab.state.retired.has(member)).toBe(true);
    lab.happens(enrolled);
    expect(lab.state.retired.has(member)).toBe(false);
  });
});

describe('a cordon that something else set is undone with it, and only then', () => {
  test.each<[string, readonly LabEvent[], boolean]>([
    ['it came back, and then is welcome', [cameBack, arrived], false],
    ['it was cordoned before it came back', [cordoned, cameBack, arrived], true],
    ['it came back twice', [cameBack, cameBack, arrived], false],
    ['it was banned and let in', [banned, unbanned], false],
    ['it was cordoned before it was banned', [cordoned, banned, unbanned], true],
    ['it was cordoned, then arrives anew', [cordoned, arrived], true],
    ['it is let in though it was not banned', [cordoned, unbanned], true],
  ])('%s', (_what, events, isCordoned) => {
    expect(after(arrived, ...events).member('pc-01').cordoned).toBe(isCordoned);
  });
});

test('one that came back and was switched off was given back only then', () => {
  const lab = after(arrived, released, enrolled, cameBack);
  expect(lab.member('pc-01')).toMatchObject({ state: 'ready', cordoned: true, releasedAt: null });
  lab.passes(9000).happens(left);
  expect(lab.member('pc-01')).toMatchObject({
    ...{
      state: 'released',
      releasedAt: 1_800_000_009_000,
      departure: { leftAt: 1_800_000_009_000 },
    },
  });
});
