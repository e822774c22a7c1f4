import { describe, expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { ToMember } from '../../../../shared/wire/to-member.ts';
import { HeldMember, key, saved, specOf, target } from '../held-member.ts';

const one = key(1, 1);
const spec = specOf(one);
const start: ToMember = { t: 'start', ...one, spec, checkpoint: null };
const expecting: ToMember = { t: 'expect', ...one, spec, ticket: 't', from: memberId('pc-02') };
const send: ToMember = { t: 'send', ...one, toEpoch: key(1, 2).epoch, to: target, ticket: 't' };
const exit = { o: 'ended', of: one, end: { exitCode: 0, because: null } } as const;

type Where =
  | 'starting'
  | 'expected'
  | 'receiving'
  | 'restoring'
  | 'live'
  | 'saving'
  | 'sending'
  | 'doubt'
  | 'collecting'
  | 'over';
/** A member whose attempt has come so far. */
function at(where: Where): HeldMember {
  const member = new HeldMember().joins();
  if (where === 'expected' || where === 'receiving' || where === 'restoring') {
    member.hears(expecting);
    if (where === 'expected') return member;
    member.learns({ o: 'arrival', of: one, ticket: 't', from: memberId('pc-02') });
    if (where === 'restoring') member.learns({ o: 'received', of: one, wallTimeLeft: null });
    return member;
  }
  member.hears(start);
  if (where === 'starting') return member;
  member.learns({ o: 'started', of: one });
  if (where === 'saving') member.hears({ t: 'checkpoint', ...one, then: 'continue' });
  if (where === 'sending' || where === 'doubt') member.hears(send);
  if (where === 'doubt')
    member.learns({ o: 'ship-failed', of: one, outcome: 'uncertain', reason: 'x' });
  if (where === 'collecting' || where === 'over') member.learns(exit);
  if (where === 'over')
    member.learns({
      o: 'collected',
      of: one,
      ending: { cause: 'exit', exitCode: 0 },
      outputs: [],
      log: null,
      cpuSeconds: 1,
    });
  return member;
}
/** What follows from the order, and where the attempt is then. */
const hears = (where: Where, message: ToMember): string => {
  const member = at(where);
  member.hears(message);
  return [...member.kinds(), `→ ${member.stageOf(one)}`].join(' ');
};

describe('stop', () => {
  test.each<[Where, string]>([
    ['starting', 'clear → clearing'],
    ['live', 'terminate → live'],
    ['saving', 'terminate → live'],
    ['sending', 'call-off → live'],
    ['collecting', 'clear → clearing'],
    ['over', 'say ended → over'],
    ['expected', '→ expected'],
    ['receiving', '→ receiving'],
    ['restoring', '→ restoring'],
  ])('of what is %s: %s', (where, expected) => {
    expect(hears(where, { t: 'stop', ...one, graceMs: 1 })).toBe(expected);
  });
});

describe('discard', () => {
  test.each<[Where, string, string]>([
    ['starting', 'clear → unheld', 'clear → clearing'],
    ['expected', 'refuse-arrival clear → unheld', 'refuse-arrival clear → clearing'],
    ['receiving', 'refuse-arrival clear → unheld', 'refuse-arrival clear → clearing'],
    ['live', 'clear → unheld', 'clear → clearing'],
    ['sending', 'call-off clear → unheld', 'call-off clear → clearing'],
    ['over', 'clear → unheld', 'clear → clearing'],
  ])('of what is %s: %s, and to be confirmed: %s', (where, plain, confirmed) => {
    expect(hears(where, { t: 'discard', ...one })).toBe(plain);
    expect(hears(where, { t: 'discard', ...one, confirm: true })).toBe(confirmed);
  });

  test('twice is confirmed once, when nothing of it is left', () => {
    const member = at('live');
    member.hears({ t: 'discard', ...one, confirm: true });
    member.hears({ t: 'discard', ...one, confirm: true });
    expect(member.kinds()).toEqual([]);
    member.learns({ o: 'cleared', of: one });
    expect(member.kinds()).toEqual(['say discarded']);
  });
});

describe('forget', () => {
  test.each<[Where, string]>([
    ['over', 'clear → unheld'],
    ['live', '→ live'],
    ['collecting', '→ collecting'],
  ])('of what is %s: %s', (where, expected) => {
    expect(hears(where, { t: 'forget', ...one })).toBe(expected);
  });
});

describe('checkpoint', () => {
  test.each<[Where, string, string]>([
    ['starting', 'say checkpoint-failed → starting', 'say checkpoint-failed → starting'],
    ['live', 'freeze save → live', 'freeze save → live'],
    ['saving', '→ live', '→ live'],
    ['sending', 'say checkpoint-failed → live', 'say checkpoint-failed → live'],
    ['doubt', 'say checkpoint-failed → live', 'say checkpoint-failed → live'],
    ['collecting', '→ collecting', 'say results-wait → collecting'],
    ['over', 'say ended → over', 'say ended → over'],
  ])('of what is %s, to go on: %s; to suspend: %s', (where, goOn, suspend) => {
    expect(hears(where, { t: 'checkpoint', ...one, then: 'continue' })).toBe(goOn);
    expect(hears(where, { t: 'checkpoint', ...one, then: 'suspend' })).toBe(suspend);
  });

  test('of what is being ended fails', () => {
    const member = at('live');
    member.hears({ t: 'stop', ...one, graceMs: 1 });
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    expect(member.kinds()).toEqual(['say checkpoint-failed']);
  });
});

describe('send', () => {
  test.each<[Where, string]>([
    ['starting', 'say move-failed → starting'],
    ['live', 'freeze ship → live'],
    ['saving', '→ live'],
    ['sending', '→ live'],
    ['doubt', '→ live'],
    ['collecting', 'say move-failed → collecting'],
    ['over', 'say ended → over'],
  ])('of what is %s: %s', (where, expected) => {
    expect(hears(where, send)).toBe(expected);
  });

  test('goes after a save that goes on, and not after one that suspends', () => {
    const member = at('saving');
    member.hears(send);
    member.learns({ o: 'saved', of: one, saved });
    expect(member.kinds()).toEqual(['say checkpointed', 'thaw', 'freeze', 'ship']);
    const suspending = at('live');
    suspending.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    suspending.hears(send);
    expect(suspending.kinds()).toEqual(['say move-failed']);
  });

  test('is refused where a suspend was asked for meanwhile', () => {
    const member = at('saving');
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    member.hears(send);
    expect(member.kinds()).toEqual(['say move-failed']);
  });

  test('to a second target is refused', () => {
    const member = at('sending');
    member.hears({ ...send, toEpoch: key(1, 3).epoch });
    expect(member.kinds()).toEqual(['say move-failed']);
  });
});

describe('keep', () => {
  test.each<[Where, string]>([
    ['live', '→ live'],
    ['sending', 'call-off → live'],
    ['doubt', 'thaw → live'],
    ['over', '→ over'],
  ])('of what is %s: %s', (where, expected) => {
    expect(hears(where, { t: 'keep', ...one })).toBe(expected);
  });

  test('twice calls a sending off once', () => {
    const member = at('sending');
    member.hears({ t: 'keep', ...one });
    member.hears({ t: 'keep', ...one });
    expect(member.kinds()).toEqual([]);
  });
});

describe('expect', () => {
  test.each<[Where, string]>([
    ['expected', 'say expecting → expected'],
    ['receiving', '→ receiving'],
    ['live', '→ live'],
  ])('of what is %s: %s', (where, expected) => {
    expect(hears(where, expecting)).toBe(expected);
  });
});

describe('abandon', () => {
  test.each<[Where, string]>([
    ['expected', 'refuse-arrival clear say abandoned → unheld'],
    ['receiving', 'refuse-arrival clear say abandoned → unheld'],
    ['restoring', '→ restoring'],
    ['live', 'say arrived → live'],
    ['collecting', 'say arrived → collecting'],
    ['over', 'say ended → over'],
  ])('of what is %s: %s', (where, expected) => {
    expect(hears(where, { t: 'abandon', ...one })).toBe(expected);
  });
});

describe('start', () => {
  test('of what is held already changes nothing', () => {
    expect(hears('live', start)).toBe('→ live');
  });

  test('of a newer attempt drops an older one, but for what has still to be reported', () => {
    const newer = key(1, 2);
    const begin: ToMember = { t: 'start', ...newer, spec: specOf(newer), checkpoint: null };
    const member = at('live');
    member.hears(begin);
    expect([...member.kinds(), member.stageOf(one)]).toEqual(['clear', 'start', 'unheld']);
    const over = at('over');
    over.hears(begin);
    expect([...over.kinds(), over.stageOf(one)]).toEqual(['start', 'over']);
  });
});
