import { millis, type Millis } from '../../../shared/base/units.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';

/**
 * Time between two PCs: power supplies that start together trip a room's fuse (inrush), and a boot storm is easier to
 * serve when it comes drop by drop. 40 PCs take 10 s, 1,000 about four minutes.
 */
export const wakeGap = millis(250);
/** A datagram may get lost and nobody would say so; a PC that is on already does not mind. */
const rounds = 2;

export interface WakeCall {
  readonly mac: MacAddress;
  readonly after: Millis;
}

export function planWakes(macs: readonly MacAddress[]): readonly WakeCall[] {
  const all = [...new Set(macs)];
  return Array.from({ length: rounds }, (_, round) =>
    all.map((mac, index) => ({ mac, after: millis((round * all.length + index) * wakeGap) })),
  ).flat();
}
