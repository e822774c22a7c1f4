/** Seeded in tests and simulations so that every run can be replayed. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** `bytes` random bytes as lower-case hex; unguessable in the real adapter. */
  token(bytes: number): string;
}
