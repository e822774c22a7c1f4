import { describe, expect, test } from 'vitest';
import { capabilities } from '../../../../shared/wire/capabilities.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import { HeldMember, key, specOf, target } from '../held-member.ts';

const one = key(1, 2);
const inSteps = [capabilities.arrivesInSteps];

/** A member whose program has come from another one and runs, while a part of its memory is still to come. */
function runningHere(can: readonly string[] | undefined): HeldMember {
  const member = new HeldMember().joins(can);
  member.hears({ t: 'expect', ...one, spec: specOf(one), ticket: 't', from: target.id });
  member.learns({ o: 'arrival', of: one, ticket: 't', from: target.id });
  member.learns({ o: 'received', of: one, wallTimeLeft: null });
  member.learns({ o: 'restored', of: one, whole: false });
  return member;
}

const arrivals = (member: HeldMember) =>
  member.said.filter(({ t }) => t === 'arrived' || t === 'all-here');

describe('a member where a program runs before all of its memory is there', () => {
  test('says so, keeps the source waiting, and says when all is there', () => {
    const member = runningHere(inSteps);
    expect(arrivals(member)).toEqual([{ t: 'arrived', ...one, whole: false }]);
    expect(member.kinds()).not.toContain('accept-arrival');
    expect(member.reports(one)).toEqual({ ...one, state: 'running', whole: false });
    member.learns({ o: 'all-here', of: one });
    expect(member.kinds()).toEqual(['accept-arrival', 'say all-here']);
    expect(member.reports(one)).toEqual({ ...one, state: 'running' });
    member.learns({ o: 'all-here', of: one });
    expect(member.kinds()).toEqual([]);
  });

  test('says one word to a head that knows of one only, and that when all is there', () => {
    const member = runningHere(undefined);
    expect(arrivals(member)).toEqual([]);
    expect(member.reports(one)).toEqual({ ...one, state: 'arriving' });
    member.learns({ o: 'all-here', of: one });
    expect(member.kinds()).toEqual(['accept-arrival', 'say arrived']);
  });

  test('says the second word in its hello, if the link was away when it came true', () => {
    const member = runningHere(inSteps);
    member.feed({ i: 'link-lost' });
    member.learns({ o: 'all-here', of: one });
    member.joins(inSteps);
    expect(member.reports(one)).toEqual({ ...one, state: 'running' });
  });

  test('is not saved and not sent on before all is there', () => {
    const member = runningHere(inSteps);
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    expect(member.kinds()).toEqual(['say checkpoint-failed']);
    const toEpoch = key(1, 3).epoch;
    member.hears({ t: 'send', ...one, toEpoch, to: target, ticket: 'u' });
    expect(member.kinds()).toEqual(['say move-failed']);
    expect(member.said.at(-1)).toMatchObject({ outcome: 'thawed' });
    member.learns({ o: 'all-here', of: one });
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    expect(member.kinds()).toContain('save');
  });

  test('stands still when its lease runs out and goes on with the next, still not whole', () => {
    const member = runningHere(inSteps);
    member.feed({ i: 'link-lost' });
    member.passes(practiceTimings.freezeAfter);
    expect(member.reports(one)).toEqual({ ...one, state: 'frozen', whole: false });
    member.joins(inSteps);
    expect(member.kinds()).toContain('thaw');
  });

  test.each([
    ['its memory cannot be had any more', { o: 'pages-lost', of: one, reason: 'it hung up' }],
    ['the head asks it to give it up', undefined],
  ] as const)('ends it before it says that it gave it up: %s', (_, outcome) => {
    const member = runningHere(inSteps);
    if (outcome) member.learns(outcome);
    else member.hears({ t: 'abandon', ...one });
    expect(member.kinds()).toEqual(['clear']);
    member.learns({ o: 'cleared', of: one });
    expect(member.kinds()).toEqual(['refuse-arrival', 'clear', 'say abandoned']);
    expect(member.stageOf(one)).toBe('unheld');
  });

  test('says that it has all when it is asked to give up what it has wholly', () => {
    const member = runningHere(inSteps);
    member.learns({ o: 'all-here', of: one });
    member.hears({ t: 'abandon', ...one });
    expect(member.kinds()).toEqual(['say arrived']);
  });

  test.each([[false], [true]])(
    'breaks off with its source when it is to drop it, confirm %s',
    (confirm) => {
      const member = runningHere(inSteps);
      member.hears({ t: 'discard', ...one, confirm });
      expect(member.kinds()).toEqual(['break-arrival', 'clear']);
    },
  );

  test('lets its source go when the program ends before all is there', () => {
    const member = runningHere(inSteps);
    member.learns({ o: 'ended', of: one, end: { exitCode: 0, because: null } });
    expect(member.kinds()).toEqual(['accept-arrival', 'collect']);
    member.learns({ o: 'pages-lost', of: one, reason: 'it hung up' });
    expect(member.kinds()).toEqual([]);
  });
});
