import type { HeadApi } from '../bridge/head-bridge.ts';
import { sentenceOf } from '../bridge/refusal-sentence.ts';

/** What a person can scroll through; the whole is a download away. */
const keptCharacters = 400_000;
/** A flood is shown in pieces of about a frame. */
const gatherFor = 60;

/** The output of one task, from its beginning and followed to its end. */
export class TaskLog {
  text = $state('');
  /** Whether the beginning had to be dropped. */
  cut = $state(false);
  state = $state<'reading' | 'ended' | 'broken'>('reading');
  fault = $state<string | null>(null);
  readonly #stop = new AbortController();
  #pending = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: HeadApi, task: string) {
    void this.#read(api, task);
  }

  dispose(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  async #read(api: HeadApi, task: string): Promise<void> {
    const { signal } = this.#stop;
    try {
      const pieces = await api.jobs.logs({ task, follow: true }, { signal });
      let begun = 0;
      for await (const { text, restarts } of pieces) {
        if (signal.aborted) return;
        // The program began again from zero: what it wrote before is not of this output.
        if (restarts > begun) this.text = this.#pending = '';
        begun = restarts;
        this.#pending += text;
        this.#timer ??= setTimeout(() => this.#show(), gatherFor);
      }
      this.#show();
      this.state = 'ended';
    } catch (error) {
      if (signal.aborted) return;
      this.#show();
      this.state = 'broken';
      this.fault = sentenceOf(error);
    }
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const whole = this.text + this.#pending;
    this.#pending = '';
    if (whole.length <= keptCharacters) {
      this.text = whole;
      return;
    }
    this.cut = true;
    const from = whole.indexOf('\n', whole.length - keptCharacters * 0.75);
    this.text = whole.slice(from + 1);
  }
}
