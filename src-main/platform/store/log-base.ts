import { epochMillis } from '../../../shared/base/units.ts';
import type { LogBase } from '../../ports/event-store.ts';
import { sumOf } from './row-sums.ts';

/** In `about`: how far the log was cut. The tables `base_…` are what they were then. */
export const cutUpTo = 'log cut up to';

export interface StoredBase extends LogBase {
  /** All sums of the rows of its tables added up. */
  readonly total: number;
}

export const noBase: StoredBase = { seq: 0, until: epochMillis(0), total: 0 };

export function encodeBase({ seq, until, total }: StoredBase): string {
  return `${seq} ${until} ${total} ${sumOf(seq, until, total)}`;
}

/** Undefined: it is not what was written. */
export function decodeBase(text: string | null): StoredBase | undefined {
  if (text === null) return noBase;
  const [seq = NaN, until = NaN, total = NaN, sum] = text.split(' ').map(Number);
  return sum === sumOf(seq, until, total) ? { seq, until: epochMillis(until), total } : undefined;
}
