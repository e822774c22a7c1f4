import type { EpochMillis } from '../base/units.ts';

/** A PC without a token that a person let in or kept out: remembered until it is forgotten. */
export interface KnownPc {
  readonly machineKey: string;
  /** SHA-256 over what only the PC itself can read of its mainboard. */
  readonly hardware: string;
  readonly name: string | null;
  readonly verdict: 'approved' | 'refused';
  readonly at: EpochMillis;
}
