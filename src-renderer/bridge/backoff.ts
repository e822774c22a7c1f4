const shortest = 500;
const longest = 5000;

/** Tries again after a wait that doubles, so that a head that restarts is found at once and a dead one not pestered. */
export class Backoff {
  readonly #attempt: () => void;
  #wait = shortest;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(attempt: () => void) {
    this.#attempt = attempt;
  }

  later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#go(), this.#wait);
    this.#wait = Math.min(longest, this.#wait * 2);
  }

  /** At once, if a try is due at all. */
  now(): void {
    if (this.#timer === undefined) return;
    this.#wait = shortest;
    this.#go();
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wait = shortest;
  }

  #go(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#attempt();
  }
}
