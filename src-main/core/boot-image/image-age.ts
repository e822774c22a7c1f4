import { hours, type EpochMillis, type Millis } from '../../../shared/base/units.ts';

/** Debian publishes security updates about weekly, and students' programs run on the kernel of this image. */
export const renewAfter: Millis = hours(7 * 24);
/** A build that failed (offline, not root, a full disk) is tried again next day. */
export const retryAfter: Millis = hours(24);

export interface ImageAge {
  /** When its packages were Debian's newest; null where nobody noted it. */
  readonly packagesAt: number | null;
  readonly madeAt: number;
}

/**
 * Whether the member system is to be built anew by itself: it is a week old, nobody works (a build takes the head's
 * processors for minutes), and the last try was not today. A lab without an image has asked for none.
 */
export function isRenewalDue(
  newest: ImageAge | undefined,
  {
    now,
    triedAt,
    isQuiet,
  }: {
    readonly now: EpochMillis;
    readonly triedAt: EpochMillis | null;
    readonly isQuiet: boolean;
  },
): boolean {
  if (newest === undefined || !isQuiet) return false;
  if (triedAt !== null && now - triedAt < retryAfter && now >= triedAt) return false;
  return now - (newest.packagesAt ?? newest.madeAt) >= renewAfter;
}
