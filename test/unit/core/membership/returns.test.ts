import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  epochMillis,
  hours,
  minutes,
  monotonicMillis,
  seconds,
} from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { Member } from '../../../../shared/domain/member.ts';
import {
  comesBackWithin,
  leavesWithin,
  nightTimings,
  practiceTimings,
} from '../../../../shared/domain/timings.ts';
import { emptyLab } from '../../../../src-main/core/state/state.ts';
import { onMessage, onTick } from '../../../../src-main/core/lab/decide.ts';
import { beginTurn, type Turn } from '../../../../src-main/core/state/turn.ts';
import { expectBack } from '../../../../src-main/core/membership/returns.ts';
import { departureNote } from '../../../../src-main/core/views/departure.ts';
import { spanWords } from '../../../../shared/words/span-words.ts';
import { protocolVersion } from '../../../../shared/wire/codec.ts';
import { SeededRng } from '../../../../src-sim/seeded-rng.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';

describe('the spans by which the head judges', () => {
  test.each([
    ['at night', nightTimings, minutes(2), minutes(30)],
    ['in practice', practiceTimings, seconds(20), minutes(5)],
  ])('%s', (_when, timings, leaves, comesBack) => {
    expect(leavesWithin(timings)).toBe(leaves);
    expect(comesBackWithin(timings)).toBe(comesBack);
    // A PC that leaves in time is silent for long enough to be sure before it could be flagged.
    expect(leavesWithin(timings)).toBeGreaterThan(timings.lostAfter);
    expect(comesBackWithin(timings)).toBeGreaterThan(leavesWithin(timings));
  });
});

const begin = epochMillis(1_800_000_000_000);
const pc = memberId('pc-01');

/** One PC that was given back at `begin`; turns happen so many milliseconds later. */
function released(): { at: (span: number) => Turn; member: () => Member } {
  const state = emptyLab();
  const rng = new SeededRng(1);
  const at = (span: number): Turn =>
    beginTurn(state, nightTimings, rng, monotonicMillis(span), epochMillis(begin + span));
  const facts = factsOf('pc-01');
  at(0).emit({ e: 'member-enrolled', member: pc, name: 'pc-01', seat: null, facts });
  at(0).emit({ e: 'member-arrived', member: pc, facts });
  at(0).emit({ e: 'member-released', member: pc });
  return {
    at,
    member: () => {
      const member = state.members.get(pc);
      if (!member) throw new Error('no member');
      return member;
    },
  };
}
type Lab = ReturnType<typeof released>;

const hello = {
  ...{ t: 'hello' as const, protocol: protocolVersion },
  ...{ facts: factsOf('pc-01'), attempts: [] },
};
const kinds = (turn: Turn): string[] => turn.events.map(({ e }) => e);

function boots(lab: Lab, after: number): Turn {
  const turn = lab.at(after);
  turn.emit({ e: 'member-enrolled', member: pc, name: 'pc-01', seat: null, facts: hello.facts });
  onMessage(turn, lab.member(), hello);
  return turn;
}

describe('a PC that was given back', () => {
  test('is not yet gone while it says something, and is when it is silent', () => {
    const lab = released();
    const beat = { t: 'beat' as const, n: 1, load: 0, memoryFree: 1 };
    onMessage(lab.at(20_000), lab.member(), beat);
    const tooEarly = lab.at(nightTimings.lostAfter + 1000);
    onTick(tooEarly);
    expect(tooEarly.events).toEqual([]);
    const later = lab.at(20_000 + nightTimings.lostAfter);
    onTick(later);
    expect(kinds(later)).toEqual(['member-left']);
    expect(later.directives).toEqual([{ d: 'close', member: pc }]);
    expect(lab.member().departure?.leftAt).toBe(begin + 20_000 + nightTimings.lostAfter);
  });

  test('gets no lease for its heartbeats, and a flag for one after its time', () => {
    const lab = released();
    const beat = { t: 'beat' as const, n: 1, load: 0, memoryFree: 1 };
    const inTime = lab.at(leavesWithin(nightTimings) - 1);
    onMessage(inTime, lab.member(), beat);
    expect([inTime.events, inTime.directives]).toEqual([[], []]);
    const late = lab.at(leavesWithin(nightTimings));
    onMessage(late, lab.member(), beat);
    expect(kinds(late)).toEqual(['member-stayed']);
    const again = lab.at(leavesWithin(nightTimings) + 6000);
    onMessage(again, lab.member(), beat);
    expect(again.events).toEqual([]);
  });

  test('is told again to go when its old system says hello', () => {
    const lab = released();
    const turn = lab.at(3000);
    onMessage(turn, lab.member(), hello);
    expect(turn.directives).toEqual([{ d: 'send', member: pc, message: { t: 'go' } }]);
    expect(lab.member().state).toBe('released');
  });

  test('is flagged when it boots within the span and nobody asked for it, and only then', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: hours(2) }), fc.boolean(), (after, asked) => {
        const lab = released();
        if (asked) expectBack(lab.at(0), ['pc-01']);
        boots(lab, after);
        const unasked = !asked && after < comesBackWithin(nightTimings);
        expect(lab.member()).toMatchObject({ state: 'ready', cordoned: unasked });
        expect(lab.member().cameBack?.after ?? null).toBe(unasked ? after : null);
      }),
    );
  });

  test('that is asked for counts as asked for once', () => {
    const lab = released();
    expectBack(lab.at(0), ['pc-01']);
    boots(lab, 1000);
    lab.at(2000).emit({ e: 'member-released', member: pc });
    boots(lab, 3000);
    expect(lab.member().cameBack).toMatchObject({ after: 1000, wasOpen: true });
  });
});

test.each([
  [14_400, '14 s'],
  [59_999, '59 s'],
  [61_000, '1 minute'],
  [119_000, '2 minutes'],
])('%i ms are %s', (span, words) => {
  expect(spanWords(span)).toBe(words);
});

test('a PC that is in the lab, or was never given back, has nothing to be told of', () => {
  const lab = released();
  boots(lab, hours(12));
  expect(departureNote(lab.member(), () => '07:30')).toBeNull();
});
