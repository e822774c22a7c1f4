import { seconds, type Millis, type MonotonicMillis } from '../../../shared/base/units.ts';

/**
 * Challenges for PCs without a token. Each is one try at somebody else's code, and whoever asks need not show what came of
 * it, so they are few: in the 15 minutes a code is good for, 64 + 15·60·2 tries at 148 million codes are 1 in 79,000, from
 * whatever addresses. A room that boots at once fits into `burst`.
 */
export const challengesInAll: Allowance = { burst: 64, refillEvery: seconds(0.5) };
export const challengesOfAddress: Allowance = { burst: 8, refillEvery: seconds(5) };
/** Addresses remembered; the one that asked first is forgotten for the next. */
const addressesAtMost = 4096;

/** A bucket of so many, one of which comes back every so often. */
export interface Allowance {
  readonly burst: number;
  readonly refillEvery: Millis;
}
interface Bucket {
  readonly left: number;
  readonly at: MonotonicMillis;
}

export interface AskLimit {
  readonly all: Bucket;
  readonly byAddress: ReadonlyMap<string, Bucket>;
}

export const emptyAskLimit: AskLimit = {
  all: { left: challengesInAll.burst, at: 0 as MonotonicMillis },
  byAddress: new Map(),
};

/** Whether this address may have a challenge now; it is counted then. */
export function mayAsk(
  before: AskLimit,
  address: string,
  now: MonotonicMillis,
): readonly [AskLimit, boolean] {
  const all = filled(before.all, challengesInAll, now);
  const fresh = { left: challengesOfAddress.burst, at: now };
  const own = filled(before.byAddress.get(address) ?? fresh, challengesOfAddress, now);
  if (all.left < 1 || own.left < 1) return [before, false];
  const byAddress = new Map(before.byAddress);
  byAddress.delete(address);
  byAddress.set(address, { left: own.left - 1, at: now });
  for (const oldest of byAddress.keys()) {
    if (byAddress.size <= addressesAtMost) break;
    byAddress.delete(oldest);
  }
  return [{ all: { left: all.left - 1, at: now }, byAddress }, true];
}

const filled = ({ left, at }: Bucket, { burst, refillEvery }: Allowance, now: number): Bucket => ({
  left: Math.min(burst, left + Math.max(0, now - at) / refillEvery),
  at,
});
