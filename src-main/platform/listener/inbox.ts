/** Milliseconds of the head's only thread that what members say may take, before it is others' turn. */
const turnOfMembers = 5;

/**
 * What arrives together is dealt with at once as long as that is quick; what is left waits, in its order, until others
 * (people's questions, the store) had their turn. So a thousand members that speak at the same moment hold nobody up.
 */
export class Inbox {
  readonly #now: () => number;
  readonly #later: (act: () => void) => void;
  #waiting: (() => void)[] = [];
  /** Of this turn, milliseconds. */
  #spent = 0;
  #isArmed = false;

  /** `later`: calls back after others had their turn. */
  constructor(
    now: () => number = () => performance.now(),
    later: (act: () => void) => void = setImmediate,
  ) {
    this.#now = now;
    this.#later = later;
  }

  /** Whether `take` would act at once. */
  get isFree(): boolean {
    return this.#waiting.length === 0 && this.#spent < turnOfMembers;
  }

  take(act: () => void): void {
    if (this.isFree) this.#act(act);
    else this.#waiting.push(act);
    this.#arm();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#later(() => this.#next());
  }

  #next(): void {
    this.#isArmed = false;
    this.#spent = 0;
    let done = 0;
    for (const act of this.#waiting) {
      if (this.#spent >= turnOfMembers) break;
      done += 1;
      this.#act(act);
    }
    this.#waiting = this.#waiting.slice(done);
    this.#spent = 0;
    if (this.#waiting.length > 0) this.#arm();
  }

  #act(act: () => void): void {
    const began = this.#now();
    act();
    this.#spent += this.#now() - began;
  }
}
