/** The time of day, for "2 min ago"; ticks only while somebody reads it. */
export class Now {
  #value = $state(Date.now());
  readonly #fixed: boolean;

  /** `at`: stands still there. */
  constructor(at?: number) {
    this.#fixed = at !== undefined;
    if (at !== undefined) this.#value = at;
  }

  get value(): number {
    return this.#value;
  }

  /** Ticks until the returned function is called. */
  run(): () => void {
    if (this.#fixed) return () => undefined;
    const timer = setInterval(() => (this.#value = Date.now()), 1000);
    return () => clearInterval(timer);
  }
}
