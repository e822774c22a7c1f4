import { monotonicMillis, type Millis, type MonotonicMillis } from '../../../shared/base/units.ts';
import type { LabTimings } from '../../../shared/domain/timings.ts';

/**
 * The right to run tasks. It counts from the moment the heartbeat that the head answered was *sent*, which is never
 * later than the moment the head heard it, so this member freezes before the head may declare it lost, whatever the
 * network did in between. A process that has never been answered has no lease.
 */
export interface Lease {
  readonly linked: boolean;
  /** Number of the last heartbeat; it only grows, over all links. */
  readonly beat: number;
  /** Sent on this link and not answered yet, oldest first. */
  readonly unanswered: readonly { readonly n: number; readonly at: MonotonicMillis }[];
  /** When this link's hello was sent; the `welcome` answers it. */
  readonly helloAt: MonotonicMillis | null;
  readonly from: MonotonicMillis | null;
  readonly nextBeatAt: MonotonicMillis | null;
}

export const noLease: Lease = {
  linked: false,
  beat: 0,
  unanswered: [],
  helloAt: null,
  from: null,
  nextBeatAt: null,
};

export function onLinkOpened(lease: Lease, now: MonotonicMillis): Lease {
  return { ...lease, linked: true, unanswered: [], helloAt: now, nextBeatAt: null };
}

export function onLinkLost(lease: Lease): Lease {
  return { ...lease, linked: false, unanswered: [], helloAt: null, nextBeatAt: null };
}

/** The head has settled all attempts with us: the lease counts from our hello, heartbeats begin. */
export function onWelcomed(lease: Lease, heartbeat: Millis, now: MonotonicMillis): Lease {
  if (!lease.linked || lease.helloAt === null) return lease;
  return { ...renewed(lease, lease.helloAt), nextBeatAt: after(now, heartbeat) };
}

export function onAnswered(lease: Lease, n: number): Lease {
  const answered = lease.unanswered.find((beat) => beat.n === n);
  if (!answered) return lease;
  return {
    ...renewed(lease, answered.at),
    unanswered: lease.unanswered.filter((beat) => beat.n > n),
  };
}

/** The next heartbeat, when it is due. */
export function beatIfDue(
  lease: Lease,
  heartbeat: Millis,
  now: MonotonicMillis,
): { readonly lease: Lease; readonly n: number } | undefined {
  if (!lease.linked || lease.nextBeatAt === null || now < lease.nextBeatAt) return undefined;
  const n = lease.beat + 1;
  return {
    n,
    lease: {
      ...lease,
      beat: n,
      unanswered: [...lease.unanswered.slice(-rememberedBeats), { n, at: now }],
      nextBeatAt: after(now, heartbeat),
    },
  };
}

/** An answer to an older one would be of no use: that lease is over anyway. */
const rememberedBeats = 15;

export function holds(lease: Lease, timings: LabTimings, now: MonotonicMillis): boolean {
  return lease.from !== null && now - lease.from < timings.freezeAfter;
}

/** When something is to be done about the lease: a heartbeat sent or tasks frozen. */
export function leaseWakeAt(
  lease: Lease,
  timings: LabTimings,
  now: MonotonicMillis,
): MonotonicMillis | null {
  const freezeAt =
    lease.from !== null && holds(lease, timings, now)
      ? after(lease.from, timings.freezeAfter)
      : null;
  const { nextBeatAt } = lease;
  if (freezeAt === null || nextBeatAt === null) return freezeAt ?? nextBeatAt;
  return monotonicMillis(Math.min(freezeAt, nextBeatAt));
}

const renewed = (lease: Lease, from: MonotonicMillis): Lease => ({
  ...lease,
  from: lease.from === null ? from : monotonicMillis(Math.max(lease.from, from)),
});

const after = (moment: MonotonicMillis, span: Millis): MonotonicMillis =>
  monotonicMillis(moment + span);
