import { describe, expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import type { Outcome } from '../../../../src-member/core/attempts/outcomes.ts';
import { HeldMember, key, saved, specOf, target } from '../held-member.ts';

const one = key(1, 1);
const spec = specOf(one);
const from = memberId('pc-02');
const arrival: Outcome = { o: 'arrival', of: one, ticket: 't', from };
const received: Outcome = { o: 'received', of: one, wallTimeLeft: 500 };
const restored: Outcome = { o: 'restored', of: one };
const cleared: Outcome = { o: 'cleared', of: one };
const started: Outcome = { o: 'started', of: one };
const ended: Outcome = { o: 'ended', of: one, end: { exitCode: 2, because: null } };
const shipped: Outcome = { o: 'shipped', of: one, bytes: 1, freezeMs: 2, totalMs: 3 };
const shipFailed = (outcome: 'refused' | 'uncertain'): Outcome => ({
  o: 'ship-failed',
  of: one,
  outcome,
  reason: 'x',
});
const collected: Outcome = {
  ...{ o: 'collected', of: one, ending: { cause: 'exit', exitCode: 0 }, outputs: [] },
  ...{ log: null, cpuSeconds: 1 },
};

const start = (): HeldMember => {
  const member = new HeldMember().joins();
  member.hears({ t: 'start', ...one, spec, checkpoint: null });
  return member;
};
const live = (): HeldMember => new HeldMember().joins().runs(one);
const expecting = (): HeldMember => {
  const member = new HeldMember().joins();
  member.hears({ t: 'expect', ...one, spec, ticket: 't', from });
  return member;
};
const sending = (): HeldMember => {
  const member = live();
  member.hears({ t: 'send', ...one, toEpoch: key(1, 2).epoch, to: target, ticket: 't' });
  return member;
};
const saving = (then: 'continue' | 'suspend'): HeldMember => {
  const member = live();
  member.hears({ t: 'checkpoint', ...one, then });
  return member;
};
/** What follows from the last of these, and where the attempt is then. */
const after = (member: HeldMember, ...outcomes: readonly Outcome[]): string => {
  for (const outcome of outcomes) member.learns(outcome);
  return [...member.kinds(), '→', member.stageOf(one)].join(' ');
};
const withoutLease = (member: HeldMember): HeldMember => {
  member.now += practiceTimings.freezeAfter;
  return member;
};

describe('outcomes of an attempt that is not held', () => {
  test.each<[Outcome, string]>([
    [arrival, 'refuse-arrival → unheld'],
    [started, '→ unheld'],
    [restored, '→ unheld'],
    [ended, '→ unheld'],
    [cleared, '→ unheld'],
    [shipped, '→ unheld'],
    [collected, '→ unheld'],
  ])('%j', (outcome, expected) => {
    expect(after(new HeldMember().joins(), outcome)).toBe(expected);
  });
});

describe('an outcome that comes too late changes nothing', () => {
  test.each<Outcome>([
    { o: 'start-failed', of: one, fault: { cause: 'machine', reason: 'x' } },
    started,
    received,
    { o: 'receive-failed', of: one, reason: 'x' },
    restored,
    { o: 'restore-failed', of: one, reason: 'x' },
    cleared,
    { o: 'copied', of: one },
    { o: 'saved', of: one, saved },
    { o: 'save-failed', of: one, reason: 'x' },
    shipped,
    shipFailed('refused'),
    collected,
    { o: 'collect-failed', of: one, fault: { why: 'refused', reason: 'x' } },
  ])('%j', (outcome) => {
    expect(after(live(), outcome)).toBe('→ live');
  });
});

describe('a start', () => {
  test.each<[string, readonly Outcome[], string]>([
    ['that worked is said', [started], 'say started → live'],
    [
      'that failed is reported when nothing is left',
      [{ o: 'start-failed', of: one, fault: { cause: 'unstartable', reason: 'x' } }],
      'clear → clearing',
    ],
    [
      'of which nothing is left',
      [{ o: 'start-failed', of: one, fault: { cause: 'unstartable', reason: 'x' } }, cleared],
      'say ended → over',
    ],
    [
      'of a program that ended before it was known',
      [ended, started],
      'say started collect → collecting',
    ],
  ])('%s', (_what, outcomes, expected) => {
    expect(after(start(), ...outcomes)).toBe(expected);
  });
});

describe('an arrival', () => {
  test.each<[string, readonly Outcome[], string]>([
    ['with its ticket is received', [arrival], 'receive → receiving'],
    ['with another ticket is refused', [{ ...arrival, ticket: 'u' }], 'refuse-arrival → expected'],
    [
      'from another PC is refused',
      [{ ...arrival, from: memberId('pc-09') }],
      'refuse-arrival → expected',
    ],
    ['twice breaks off the second', [arrival, arrival], 'break-arrival → receiving'],
    ['that is here is restored', [arrival, received], 'restore → restoring'],
    [
      'that broke off is given up',
      [arrival, { o: 'receive-failed', of: one, reason: 'x' }],
      'clear → clearing',
    ],
    [
      'that runs is told to both',
      [arrival, received, restored],
      'accept-arrival say arrived → live',
    ],
    [
      'that cannot be restored is given up',
      [arrival, received, { o: 'restore-failed', of: one, reason: 'x' }],
      'clear → clearing',
    ],
    [
      'that was given up is refused when nothing is left',
      [arrival, received, { o: 'restore-failed', of: one, reason: 'x' }, cleared],
      'refuse-arrival clear say abandoned → unheld',
    ],
    [
      'that ended while it was restored',
      [arrival, received, ended, restored],
      'accept-arrival say arrived collect → collecting',
    ],
  ])('%s', (_what, outcomes, expected) => {
    expect(after(expecting(), ...outcomes)).toBe(expected);
  });

  test('brings its wall time along', () => {
    const member = expecting();
    after(member, arrival, received);
    expect([...member.state.attempts.values()][0]?.wall.left).toBe(500);
  });

  test('without a lease is refused, and given up when it is here', () => {
    expect(after(withoutLease(expecting()), arrival)).toBe('refuse-arrival → expected');
    const member = expecting();
    after(member, arrival);
    expect(after(withoutLease(member), received)).toBe('clear → clearing');
  });
});

describe('a save', () => {
  test.each<[string, HeldMember, readonly Outcome[], string]>([
    [
      'lets the program go on with the copy',
      saving('continue'),
      [{ o: 'copied', of: one }],
      'thaw → live',
    ],
    [
      'is said when it is on the head',
      saving('continue'),
      [
        { o: 'copied', of: one },
        { o: 'saved', of: one, saved },
      ],
      'say checkpointed → live',
    ],
    [
      'that suspends does not let it go on',
      saving('suspend'),
      [{ o: 'copied', of: one }],
      '→ live',
    ],
    [
      'that suspends ends it',
      saving('suspend'),
      [{ o: 'saved', of: one, saved }],
      'clear → clearing',
    ],
    [
      'that suspends is said when nothing is left',
      saving('suspend'),
      [{ o: 'saved', of: one, saved }, cleared],
      'say checkpointed → over',
    ],
    [
      'that failed lets it go on',
      saving('suspend'),
      [{ o: 'save-failed', of: one, reason: 'x' }],
      'say checkpoint-failed thaw → live',
    ],
    [
      'of a program that ends meanwhile is forgotten',
      saving('continue'),
      [ended],
      'collect → collecting',
    ],
  ])('%s', (_what, member, outcomes, expected) => {
    expect(after(member, ...outcomes)).toBe(expected);
  });
});

describe('a sending', () => {
  const keeping = (): HeldMember => {
    const member = sending();
    member.hears({ t: 'keep', ...one });
    return member;
  };
  const stopping = (): HeldMember => {
    const member = sending();
    member.hears({ t: 'stop', ...one, graceMs: 5 });
    return member;
  };

  test.each<[string, () => HeldMember, Outcome, string]>([
    ['that arrived leaves nothing here', sending, shipped, 'clear say moved → unheld'],
    [
      'that was refused goes on here',
      sending,
      shipFailed('refused'),
      'thaw say move-failed → live',
    ],
    ['in doubt stays frozen', sending, shipFailed('uncertain'), 'say move-failed → live'],
    [
      'that was called off to be kept goes on here, whatever came of it',
      keeping,
      shipped,
      'thaw → live',
    ],
    [
      'that was called off and failed goes on here, as the head knows',
      keeping,
      shipFailed('uncertain'),
      'thaw → live',
    ],
    [
      'that was called off to be stopped is stopped',
      stopping,
      shipFailed('uncertain'),
      'terminate → live',
    ],
    ['that arrived before it was stopped is gone', stopping, shipped, 'clear say moved → unheld'],
    ['of a program that ends is called off', sending, ended, 'call-off collect → collecting'],
  ])('%s', (_what, member, outcome, expected) => {
    expect(after(member(), outcome)).toBe(expected);
  });
});

describe('results', () => {
  const failed = (why: 'unreachable' | 'refused'): Outcome => ({
    o: 'collect-failed',
    of: one,
    fault: { why, reason: 'x' },
  });

  test('are told when they are stored', () => {
    const member = live();
    expect(
      after(member, ended, { ...collected, nodes: [], list: { hash: saved.hash, size: 1 } }),
    ).toBe('say ended → over');
    expect(member.said.at(-1)).toMatchObject({
      t: 'ended',
      nodes: [],
      list: { size: 1 },
      cpuSeconds: 1,
    });
  });

  test('that the head does not take are said to wait, unless it cannot hear it', () => {
    expect(after(live(), ended, failed('refused'))).toBe('say results-wait → collecting');
    expect(after(live(), ended, failed('unreachable'))).toBe('→ collecting');
  });
});
