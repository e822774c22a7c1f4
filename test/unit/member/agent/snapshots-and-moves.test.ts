import { describe, expect, test } from 'vitest';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import { HeldMember, key, saved, specOf, target } from '../held-member.ts';

const one = key(1, 1);
const { freezeAfter } = practiceTimings;
const send = { t: 'send', ...one, toEpoch: key(1, 2).epoch, to: target, ticket: 't' } as const;

describe('a member that saves a task', () => {
  test('lets the program go on as soon as the copy is complete', () => {
    const member = new HeldMember().joins().runs(one);
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    expect(member.kinds()).toEqual(['freeze', 'save']);
    member.learns({ o: 'copied', of: one });
    expect(member.kinds()).toEqual(['thaw']);
    member.learns({ o: 'saved', of: one, saved });
    expect(member.said.at(-1)).toMatchObject({ t: 'checkpointed', suspended: false });
  });

  test('does not let it go on when the lease ran out meanwhile', () => {
    const member = new HeldMember().joins().runs(one);
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    member.passes(freezeAfter, true);
    member.learns({ o: 'copied', of: one });
    expect(member.kinds()).toEqual([]);
    member.joins();
    expect(member.kinds()).toContain('thaw');
  });

  test('says that it is suspended only when nothing of it runs any more', () => {
    const member = new HeldMember().joins().runs(one);
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    member.learns({ o: 'saved', of: one, saved });
    expect(member.kinds()).toEqual(['clear']);
    member.learns({ o: 'cleared', of: one });
    expect(member.said.at(-1)).toMatchObject({ t: 'checkpointed', suspended: true });
    expect(member.stageOf(one)).toBe('over');
  });

  test('lets the program go on when it could not be saved', () => {
    const member = new HeldMember().joins().runs(one);
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    member.learns({ o: 'save-failed', of: one, reason: 'the disk of the head is full' });
    expect(member.kinds()).toEqual(['say checkpoint-failed', 'thaw']);
  });

  test('suspends afterwards when that was asked for meanwhile', () => {
    const member = new HeldMember().joins().runs(one);
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    member.learns({ o: 'copied', of: one });
    member.learns({ o: 'saved', of: one, saved });
    expect(member.kinds()).toEqual(['say checkpointed', 'freeze', 'save']);
  });
});

describe('a member that sends a task away', () => {
  const sending = (): HeldMember => {
    const member = new HeldMember().joins().runs(one);
    member.hears(send);
    expect(member.kinds()).toEqual(['freeze', 'ship']);
    return member;
  };

  test('drops its copy when the target runs it', () => {
    const member = sending();
    member.learns({ o: 'shipped', of: one, bytes: 5, freezeMs: 1, totalMs: 1 });
    expect(member.kinds()).toEqual(['clear', 'say moved']);
  });

  test('goes on when the target refused', () => {
    const member = sending();
    member.learns({ o: 'ship-failed', of: one, outcome: 'refused', reason: 'no' });
    expect(member.kinds()).toEqual(['thaw', 'say move-failed']);
    expect(member.said.at(-1)).toMatchObject({ outcome: 'thawed', reason: 'no' });
  });

  test('stays frozen when nobody knows, through every renewal of the lease, until the head decides', () => {
    const member = sending();
    member.learns({ o: 'ship-failed', of: one, outcome: 'uncertain', reason: 'broke' });
    expect(member.said.at(-1)).toMatchObject({ outcome: 'uncertain' });
    expect(member.passes(10 * freezeAfter).map(({ d }) => d)).not.toContain('thaw');
    expect(member.reports(one).state).toBe('uncertain');
    member.hears({ t: 'keep', ...one });
    expect(member.kinds()).toEqual(['thaw']);
  });

  test('calls the sending off before it goes on when it is told to keep the task', () => {
    const member = sending();
    member.hears({ t: 'keep', ...one });
    expect(member.kinds()).toEqual(['call-off']);
    member.learns({ o: 'ship-failed', of: one, outcome: 'uncertain', reason: 'called off' });
    expect(member.kinds()).toEqual(['thaw']);
  });
});

describe('a member that receives a task', () => {
  const two = key(1, 2);
  const expecting = (): HeldMember => {
    const member = new HeldMember().joins();
    member.hears({ t: 'expect', ...two, spec: specOf(two), ticket: 't', from: target.id });
    expect(member.kinds()).toEqual(['say expecting']);
    return member;
  };
  const arrival = { o: 'arrival', of: two, ticket: 't', from: target.id } as const;

  test('tells both the sender and the head when it runs', () => {
    const member = expecting();
    member.learns(arrival);
    member.learns({ o: 'received', of: two, wallTimeLeft: null });
    expect(member.kinds()).toEqual(['restore']);
    member.learns({ o: 'restored', of: two });
    expect(member.kinds()).toEqual(['accept-arrival', 'say arrived']);
  });

  test('takes nothing from a PC that is no member', () => {
    const member = expecting();
    member.learns({ ...arrival, ticket: 'another' });
    expect(member.kinds()).toEqual(['refuse-arrival']);
    member.learns({ ...arrival, from: key(9, 9).task as never });
    expect(member.kinds()).toEqual(['refuse-arrival']);
  });

  test('does not refuse what runs here already, since the sender would let it run, too', () => {
    const member = new HeldMember().joins().runs(two);
    member.learns(arrival);
    expect(member.kinds()).toEqual(['break-arrival']);
  });

  test('refuses only when nothing of a failed restore is left', () => {
    const member = expecting();
    member.learns(arrival);
    member.learns({ o: 'received', of: two, wallTimeLeft: null });
    member.learns({ o: 'restore-failed', of: two, reason: 'no memory' });
    expect(member.kinds()).toEqual(['clear']);
    member.learns({ o: 'cleared', of: two });
    expect(member.kinds()).toEqual(['refuse-arrival', 'clear', 'say abandoned']);
  });

  test('gives up a restore when its lease runs out', () => {
    const member = expecting();
    member.learns(arrival);
    member.learns({ o: 'received', of: two, wallTimeLeft: null });
    expect(member.passes(freezeAfter, true).map(({ d }) => d)).toContain('clear');
    member.learns({ o: 'restored', of: two });
    expect(member.kinds()).toEqual([]);
    member.learns({ o: 'cleared', of: two });
    expect(member.kinds()).toContain('refuse-arrival');
  });

  test('does not begin to restore without a lease', () => {
    const member = expecting();
    member.learns(arrival);
    member.passes(freezeAfter, true);
    member.learns({ o: 'received', of: two, wallTimeLeft: null });
    expect(member.kinds()).toEqual(['clear']);
  });

  test('abandons what has not come, and says that it runs when it does', () => {
    const member = expecting();
    member.hears({ t: 'abandon', ...two });
    expect(member.kinds()).toEqual(['refuse-arrival', 'clear', 'say abandoned']);
    const other = new HeldMember().joins().runs(two);
    other.hears({ t: 'abandon', ...two });
    expect(other.kinds()).toEqual(['say arrived']);
  });
});
