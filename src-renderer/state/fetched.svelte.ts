import { sentenceOf } from '../bridge/refusal-sentence.ts';

/** A large answer is not asked for again before this many times the span its fetch took has passed. */
const restFactor = 3;

/**
 * An answer of the head that is asked for again whenever the lab changed: `refresh` may be called as often as one likes. There
 * is never more than one question on its way, the newest wish is never forgotten, and an answer that takes long is asked for less often.
 */
export class Fetched<Value> {
  value = $state.raw<Value | null>(null);
  /** Why there is no value, or none any more. */
  fault = $state<string | null>(null);
  readonly #ask: () => Promise<Value>;
  #asking = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(ask: () => Promise<Value>) {
    this.#ask = ask;
  }

  refresh(): void {
    if (this.#asking || this.#timer !== undefined) this.#again = true;
    else void this.#fetch();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  async #fetch(): Promise<void> {
    this.#asking = true;
    this.#again = false;
    const start = performance.now();
    try {
      const value = await this.#ask();
      if (this.#disposed) return;
      this.value = value;
      this.fault = null;
    } catch (error) {
      if (this.#disposed) return;
      this.fault = sentenceOf(error);
    }
    this.#asking = false;
    const rest = (performance.now() - start) * restFactor;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#again) void this.#fetch();
    }, rest);
  }
}
