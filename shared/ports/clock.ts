import type { EpochMillis, Millis, MonotonicMillis } from '../base/units.ts';

/** Owned by whoever asked for it; `dispose` twice is harmless. */
export interface Disposable {
  dispose(): void;
}

/** The only way to time in core and shells. Simulated by `ManualClock`. */
export interface Clock {
  /** Never jumps, never goes back. */
  now(): MonotonicMillis;
  /** For people and for records that outlive the process. */
  wall(): EpochMillis;
  /** Calls once, not before `delay` has passed; never synchronously. `name` shows in diagnostics. */
  after(name: string, delay: Millis, action: () => void): Disposable;
}
