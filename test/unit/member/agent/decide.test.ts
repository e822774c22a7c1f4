import { describe, expect, test } from 'vitest';
import { millis } from '../../../../shared/base/units.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import { aCheckpoint, HeldMember, key, specOf, target } from '../held-member.ts';

const one = key(1, 1);
const { freezeAfter } = practiceTimings;
const send = { t: 'send', ...one, toEpoch: key(1, 2).epoch, to: target, ticket: 't' } as const;
const unreachable = { why: 'unreachable', reason: 'the head does not answer' } as const;
const diskFull = { why: 'refused', reason: "the head's disk is full; free some space." } as const;
const ended = { o: 'ended', of: one, end: { exitCode: 0, because: null } } as const;

describe('a member that starts a task', () => {
  test('says so when the program runs', () => {
    const member = new HeldMember().joins().runs(one);
    expect(member.said.at(-1)).toEqual({ t: 'started', ...one, resumed: false });
  });

  test('waits for a lease before it starts anything', () => {
    const member = new HeldMember();
    member.hears({ t: 'start', ...one, spec: specOf(one), checkpoint: null });
    expect(member.kinds()).toEqual([]);
    member.joins();
    expect(member.kinds()).toContain('start');
  });

  test('takes back what is just starting when the lease runs out, and starts it again with the next', () => {
    const member = new HeldMember().joins();
    member.hears({ t: 'start', ...one, spec: specOf(one), checkpoint: aCheckpoint });
    expect(member.passes(freezeAfter, true).map(({ d }) => d)).toContain('clear');
    member.learns({ o: 'started', of: one }); // it came too late
    expect(member.said.filter(({ t }) => t === 'started')).toEqual([]);
    member.learns({ o: 'cleared', of: one });
    expect(member.kinds()).toEqual([]);
    member.joins();
    expect(member.kinds()).toContain('start');
  });

  test('tells the end of a program that ended before its start was known', () => {
    const member = new HeldMember().joins();
    member.hears({ t: 'start', ...one, spec: specOf(one), checkpoint: null });
    member.learns(ended);
    member.learns({ o: 'started', of: one });
    expect(member.kinds()).toEqual(['say started', 'collect']);
  });

  test('answers for attempts it does not hold', () => {
    const member = new HeldMember().joins();
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    expect(member.kinds()).toEqual(['say unknown-attempt']);
    member.hears({ t: 'abandon', ...one });
    expect(member.kinds()).toEqual(['say abandoned']);
    member.hears({ t: 'discard', ...one });
    expect(member.kinds()).toEqual([]);
  });
});

describe('a member that loses its head', () => {
  test('freezes its tasks when the lease runs out, and thaws them when it is renewed', () => {
    const member = new HeldMember().joins().runs(one);
    member.feed({ i: 'link-lost' });
    expect(member.passes(freezeAfter).map(({ d }) => d)).toEqual(['freeze']);
    expect(member.reports(one).state).toBe('frozen');
    member.joins();
    expect(member.kinds()).toContain('thaw');
  });

  test('does not thaw what the head discards before it welcomes', () => {
    const member = new HeldMember().joins().runs(one);
    member.passes(freezeAfter, true);
    member.feed({ i: 'link-opened' });
    member.hears({ t: 'discard', ...one });
    expect(member.kinds()).toEqual(['clear']);
    member.joins();
    expect(member.kinds()).not.toContain('thaw');
  });

  test('says that it dropped a task only when nothing of it runs any more, and thaws nothing of it meanwhile', () => {
    const member = new HeldMember().joins().runs(one);
    member.passes(freezeAfter, true);
    member.feed({ i: 'link-opened' });
    member.hears({ t: 'discard', ...one, confirm: true });
    expect(member.kinds()).toEqual(['clear']);
    member.joins();
    expect(member.kinds()).not.toContain('thaw');
    expect(member.reports(one).state).toBe('ended');
    member.hears({ t: 'discard', ...one, confirm: true }); // asked again: it is under way
    expect(member.kinds()).toEqual([]);
    member.learns({ o: 'cleared', of: one });
    expect(member.kinds()).toEqual(['say discarded']);
    expect(member.stageOf(one)).toBe('unheld');
    member.hears({ t: 'discard', ...one, confirm: true });
    expect(member.kinds()).toEqual(['say discarded']);
  });

  test('calls a move off when it is told to drop the task, and answers when that is done', () => {
    const member = new HeldMember().joins().runs(one);
    member.hears(send);
    member.hears({ t: 'discard', ...one, confirm: true });
    expect(member.kinds()).toEqual(['call-off', 'clear']);
    member.learns({ o: 'ship-failed', of: one, outcome: 'uncertain', reason: 'called off' });
    expect(member.kinds()).toEqual([]);
    member.learns({ o: 'cleared', of: one });
    expect(member.kinds()).toEqual(['say discarded']);
  });

  test('freezes at once when an input finds the lease over', () => {
    const member = new HeldMember().joins().runs(one);
    member.now += freezeAfter; // the wake-up did not come
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    expect(member.kinds()[0]).toBe('freeze');
  });

  test('repeats the end of a task after every reconnect until it is told to forget it', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    member.learns({
      o: 'collected',
      of: one,
      ending: { cause: 'exit', exitCode: 0 },
      outputs: [],
      log: null,
      cpuSeconds: 1,
    });
    expect(member.kinds()).toEqual(['say ended']);
    member.feed({ i: 'link-lost' });
    member.feed({ i: 'link-opened' });
    expect(member.kinds()).toEqual(['hello', 'say ended']);
    member.hears({ t: 'forget', ...one });
    expect(member.stageOf(one)).toBe('unheld');
    member.feed({ i: 'link-opened' });
    expect(member.kinds()).toEqual(['hello']);
  });

  test('tries to store results again when the head could not be reached', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    member.learns({ o: 'collect-failed', of: one, fault: unreachable });
    expect(member.kinds()).toEqual([]);
    expect(member.passes(5000).filter(({ d }) => d === 'collect')).toHaveLength(1);
  });

  test('waits ever longer while the head refuses its results, and says why', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    const waits: number[] = [];
    for (let failures = 0; failures < 8; failures += 1) {
      member.learns({ o: 'collect-failed', of: one, fault: diskFull });
      expect(member.said.at(-1)).toEqual({ t: 'results-wait', ...one, reason: diskFull.reason });
      const { collectAgainAt } = [...member.state.attempts.values()][0]!;
      const wait = collectAgainAt! - member.now;
      waits.push(wait);
      expect(member.passes(wait - 1).filter(({ d }) => d === 'collect')).toEqual([]);
      expect(member.passes(1).filter(({ d }) => d === 'collect')).toHaveLength(1);
    }
    expect(waits).toEqual([3000, 6000, 12_000, 24_000, 48_000, 96_000, 120_000, 120_000]);
  });

  test('tries at once when it has found the head again, and from then on as at first', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    for (let failures = 0; failures < 6; failures += 1) {
      member.learns({ o: 'collect-failed', of: one, fault: diskFull });
      member.passes(120_000);
    }
    member.learns({ o: 'collect-failed', of: one, fault: diskFull });
    member.feed({ i: 'link-lost' });
    member.feed({ i: 'link-opened' });
    expect(member.kinds()).toEqual(['hello', 'collect']);
    member.learns({ o: 'collect-failed', of: one, fault: unreachable });
    expect(member.passes(3000).filter(({ d }) => d === 'collect')).toHaveLength(1);
  });
});

/** Whoever wants the PC: a key, release and evacuate all end in the same order; cancel wants no results at all. */
describe('a member whose PC is wanted while it sends results', () => {
  const waits = (member: HeldMember): string =>
    member.said.flatMap((message) => (message.t === 'results-wait' ? [message.reason] : [])).join();

  test('says until when they have time, and gives them up then', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    member.hears({ t: 'checkpoint', ...one, then: 'continue' });
    expect(member.passes(60_000).map(({ d }) => d)).not.toContain('clear');
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    expect(waits(member)).toBe(
      'they are on their way to the head, and given up in 30 s, since its PC is wanted',
    );
    member.passes(10_000);
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    expect(waits(member)).toContain('given up in 20 s');
    expect(member.passes(19_999).map(({ d }) => d)).not.toContain('clear');
    expect(member.passes(1).map(({ d }) => d)).toContain('clear');
    member.learns({ o: 'cleared', of: one });
    expect(member.said.at(-1)).toMatchObject({
      t: 'ended',
      ending: {
        cause: 'machine',
        reason: 'its results were not on the head within 30 s after its PC was wanted',
      },
    });
  });

  test('keeps what is there in time', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    member.hears({ t: 'checkpoint', ...one, then: 'suspend' });
    const ending = { cause: 'exit', exitCode: 0 } as const;
    member.learns({ o: 'collected', of: one, ending, outputs: [], log: null, cpuSeconds: 1 });
    expect(member.passes(60_000).map(({ d }) => d)).not.toContain('clear');
    expect(member.said.at(-1)).toMatchObject({ t: 'ended', ending });
  });

  test('does not let the program be sent elsewhere, since it is over', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    member.hears(send);
    expect(member.said.at(-1)).toMatchObject({ t: 'move-failed', outcome: 'thawed' });
    expect(member.stageOf(one)).toBe('collecting');
  });

  test('is done at once when nobody wants them', () => {
    const member = new HeldMember().joins().runs(one);
    member.learns(ended);
    member.hears({ t: 'stop', ...one, graceMs: 3000 });
    expect(member.kinds()).toEqual(['clear']);
  });
});

describe('a member that ends a task', () => {
  test('asks it to end, and kills it after the grace', () => {
    const member = new HeldMember().joins().runs(one);
    member.hears({ t: 'stop', ...one, graceMs: 2000 });
    expect(member.kinds()).toEqual(['terminate']);
    expect(member.passes(1900).map(({ d }) => d)).not.toContain('kill');
    expect(member.passes(200).map(({ d }) => d)).toContain('kill');
    member.learns({ ...ended, end: { exitCode: 137, because: null } });
    expect(member.directives[0]).toMatchObject({ d: 'collect', ending: { cause: 'stopped' } });
  });

  test('ends a program that is over its wall time, in which frozen time does not count', () => {
    const member = new HeldMember().joins().runs(one, { wallTimeLeft: millis(10_000) });
    member.passes(4000);
    member.passes(freezeAfter + 20_000, true); // it still ran for up to freezeAfter
    member.joins();
    const soon = member.passes(10_000 - 4000 - freezeAfter - 100).map(({ d }) => d);
    expect(soon).not.toContain('terminate');
    member.passes(1100);
    member.learns({ ...ended, end: { exitCode: 143, because: null } });
    expect(member.directives[0]).toMatchObject({ d: 'collect', ending: { cause: 'limit' } });
  });

  test('collects what a program left, also of one that failed, and nothing of one that was stopped', () => {
    const patterns = ['*.png'];
    const well = new HeldMember().joins().runs(one, { outputs: patterns });
    well.learns(ended);
    expect(well.directives[0]).toMatchObject({ d: 'collect', patterns });
    const badly = new HeldMember().joins().runs(one, { outputs: patterns });
    badly.learns({ ...ended, end: { exitCode: 1, because: null } });
    expect(badly.directives[0]).toMatchObject({ d: 'collect', patterns });
  });
});

test('usage is told while a task runs and not otherwise', () => {
  const idle = new HeldMember().joins();
  expect(idle.passes(20_000).filter(({ d }) => d === 'usage')).toEqual([]);
  const busy = new HeldMember().joins().runs(one);
  expect(busy.passes(20_500).filter(({ d }) => d === 'usage').length).toBeGreaterThanOrEqual(4);
});

describe('what a member says', () => {
  test('is never so long that the head would close the link over it, whatever a person typed', () => {
    const member = new HeldMember().joins();
    member.hears({ t: 'start', ...one, spec: specOf(one), checkpoint: null });
    const fault = {
      cause: 'unstartable',
      reason: `no command "${'x'.repeat(9_000_000)}" here`,
    } as const;
    member.learns({ o: 'start-failed', of: one, fault });
    member.learns({ o: 'cleared', of: one });
    const report = member.said.at(-1);
    expect(JSON.stringify(report).length).toBeLessThan(3000);
    expect(report).toMatchObject({
      t: 'ended',
      ending: {
        cause: 'unstartable',
        reason: expect.stringMatching(/^no command .* … x+" here$/) as string,
      },
    });
  });

  test('of a task that is cancelled while its results are sent is that it was stopped', () => {
    const member = new HeldMember().joins().runs(one, { outputs: ['out'] });
    member.learns(ended);
    expect(member.stageOf(one)).toBe('collecting');
    member.hears({ t: 'stop', ...one, graceMs: 3000 });
    member.learns({ o: 'cleared', of: one });
    expect(member.said.at(-1)).toMatchObject({ t: 'ended', ending: { cause: 'stopped' } });
    // What was under way comes to nothing.
    const late = { o: 'collected', of: one, ending: { cause: 'exit', exitCode: 0 } } as const;
    member.learns({ ...late, outputs: [], log: null, cpuSeconds: 1 });
    expect(member.kinds()).toEqual([]);
  });

  test('once more is asked of it, everything is read and sent again', () => {
    const member = new HeldMember().joins().runs(one, { outputs: ['out'] });
    member.learns(ended);
    const ending = { cause: 'no-output', exitCode: 0, reason: 'nothing' } as const;
    member.learns({ o: 'collected', of: one, ending, outputs: [], log: null, cpuSeconds: 1 });
    member.hears({ t: 'send-again', ...one });
    expect(member.directives).toEqual([{ d: 'collect', of: one, ending, patterns: ['out'] }]);
    member.hears({ t: 'send-again', ...one });
    expect(member.kinds()).toEqual([]);
  });
});
