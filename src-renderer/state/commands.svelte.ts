import { sentenceOf } from '../bridge/refusal-sentence.ts';

export interface Notice {
  readonly key: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

/** Good news leaves by itself; a refusal stays until it is read. */
const goodNewsLasts = 5000;
const mostNotices = 4;

/** Sends commands to the head and tells the person what came of them. The lab itself changes only by what the head shows. */
export class Commands {
  notices = $state.raw<readonly Notice[]>([]);
  busy = $state(0);
  #key = 0;

  /** The answer, or undefined when it was refused, which has been said then. */
  async run<Value>(
    call: () => Promise<Value>,
    done?: (value: Value) => string,
  ): Promise<Value | undefined> {
    this.busy += 1;
    try {
      const value = await call();
      if (done) this.tell('good', done(value));
      return value;
    } catch (error) {
      this.tell('bad', sentenceOf(error));
      return undefined;
    } finally {
      this.busy -= 1;
    }
  }

  tell(tone: Notice['tone'], text: string): void {
    this.#key += 1;
    const notice = { key: this.#key, tone, text };
    const others = this.notices.filter((other) => other.text !== text);
    this.notices = [...others, notice].slice(-mostNotices);
    if (tone === 'good') setTimeout(() => this.dismiss(notice.key), goodNewsLasts);
  }

  dismiss(key: number): void {
    this.notices = this.notices.filter((notice) => notice.key !== key);
  }
}
