import { describe, expect, test } from 'vitest';
import { millis, monotonicMillis } from '../../../../shared/base/units.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  beatIfDue,
  holds,
  leaseWakeAt,
  noLease,
  onAnswered,
  onLinkLost,
  onLinkOpened,
  onWelcomed,
  type Lease,
} from '../../../../src-member/core/lease/lease.ts';

const { heartbeat, freezeAfter } = practiceTimings;
const at = monotonicMillis;

/** Linked at 0, welcomed at 40. */
const welcomed = onWelcomed(onLinkOpened(noLease, at(0)), heartbeat, at(40));

function beaten(lease: Lease, now: number): Lease {
  const due = beatIfDue(lease, heartbeat, at(now));
  if (!due) throw new Error(`no heartbeat is due at ${now}`);
  return due.lease;
}

describe('the lease', () => {
  test('is not there before the head has answered', () => {
    expect(holds(noLease, practiceTimings, at(0))).toBe(false);
    expect(holds(onLinkOpened(noLease, at(0)), practiceTimings, at(1))).toBe(false);
  });

  test('counts from the hello that the welcome answers, not from the welcome', () => {
    expect(holds(welcomed, practiceTimings, at(freezeAfter - 1))).toBe(true);
    expect(holds(welcomed, practiceTimings, at(freezeAfter))).toBe(false);
  });

  test('counts from the moment the answered heartbeat was sent', () => {
    const sent = 1040;
    const answeredLate = onAnswered(beaten(welcomed, sent), 1);
    expect(answeredLate.from).toBe(sent);
    expect(holds(answeredLate, practiceTimings, at(sent + freezeAfter - 1))).toBe(true);
    expect(holds(answeredLate, practiceTimings, at(sent + freezeAfter))).toBe(false);
  });

  test('is not shortened by the answer to an older heartbeat', () => {
    const twice = beaten(beaten(welcomed, 1040), 2040);
    expect(onAnswered(onAnswered(twice, 2), 1).from).toBe(2040);
  });

  test('is not renewed by answers to what an earlier link carried', () => {
    const later = onLinkOpened(onLinkLost(beaten(welcomed, 1040)), at(3000));
    expect(onAnswered(later, 1).from).toBe(0);
  });

  test('goes on while the link is down', () => {
    expect(holds(onLinkLost(welcomed), practiceTimings, at(freezeAfter - 1))).toBe(true);
  });
});

describe('heartbeats', () => {
  test('are numbered through all links and begin with the welcome', () => {
    expect(beatIfDue(onLinkOpened(noLease, at(0)), heartbeat, at(5000))).toBeUndefined();
    const again = onWelcomed(onLinkOpened(beaten(welcomed, 1040), at(2000)), heartbeat, at(2000));
    expect(beatIfDue(again, heartbeat, at(3000))?.n).toBe(2);
  });

  test('stop with the link', () => {
    expect(beatIfDue(onLinkLost(welcomed), heartbeat, at(9000))).toBeUndefined();
  });

  test('wake the agent in time, and so does the end of the lease', () => {
    expect(leaseWakeAt(welcomed, practiceTimings, at(50))).toBe(40 + heartbeat);
    expect(leaseWakeAt(onLinkLost(welcomed), practiceTimings, at(50))).toBe(freezeAfter);
    expect(leaseWakeAt(onLinkLost(welcomed), practiceTimings, at(freezeAfter))).toBeNull();
    expect(leaseWakeAt(noLease, practiceTimings, at(0))).toBeNull();
  });

  test('that nobody answers are forgotten in the end', () => {
    let lease = welcomed;
    for (let beat = 1; beat < 100; beat += 1) lease = beaten(lease, 40 + beat * heartbeat);
    expect(lease.unanswered.length).toBeLessThan(20);
    expect(lease.beat).toBe(99);
    expect(millis(lease.from ?? -1)).toBe(0);
  });
});
