/** So many lines that are alike are written within a window; what is more is counted. */
const mostAlike = 20;
const windowMs = 60_000;
/** Kinds of lines remembered at once. */
const mostKinds = 1000;
/** Lines of all kinds together within a window: whoever makes them differ is held back, too. */
const mostInAll = 2000;

interface Kind {
  readonly first: string;
  readonly since: number;
  written: number;
  held: number;
}

/**
 * Keeps a log readable and small when one thing happens over and over. Lines are alike when they differ in numbers and
 * addresses only.
 */
export class LineLimit {
  readonly #now: () => number;
  readonly #kinds = new Map<string, Kind>();
  #window = { since: -Infinity, written: 0, held: 0 };

  /** `now`: milliseconds of any clock that does not jump. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What is to be written now: this line or nothing, and before it what was held back and is due. */
  take(text: string): string[] {
    const lines = this.due();
    const key = text.replaceAll(/[0-9a-f]*\d[0-9a-f]*/gi, '#').slice(0, 300);
    const kind = this.#kinds.get(key) ?? this.#begin(key, text);
    if (kind.written >= mostAlike) kind.held += 1;
    else if (this.#window.written >= mostInAll) this.#window.held += 1;
    else {
      kind.written += 1;
      this.#window.written += 1;
      lines.push(text);
    }
    return lines;
  }

  /** Of windows that are over: how much was held back. */
  due(): string[] {
    const now = this.#now();
    const lines: string[] = [];
    for (const [key, kind] of this.#kinds) {
      if (now - kind.since < windowMs) break;
      this.#kinds.delete(key);
      lines.push(...heldLine(kind));
    }
    if (now - this.#window.since >= windowMs) {
      const { held } = this.#window;
      if (held > 0) lines.push(`… and ${count(held)} more lines of many kinds`);
      this.#window = { since: now, written: 0, held: 0 };
    }
    return lines;
  }

  #begin(key: string, first: string): Kind {
    const kind = { first, since: this.#now(), written: 0, held: 0 };
    if (this.#kinds.size >= mostKinds) this.#kinds.delete(this.#kinds.keys().next().value ?? '');
    this.#kinds.set(key, kind);
    return kind;
  }
}

const heldLine = ({ first, held }: Kind): string[] =>
  held === 0 ? [] : [`… and ${count(held)} more like it: ${first.slice(0, 200)}`];

/** `12,345`; by hand, since Node's own way brings all of its knowledge of languages into the memory. */
const count = (number: number): string => String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');
