import { SeededRng } from '../../../src-sim/seeded-rng.ts';

/** What nobody expects where something else stood. */
const oddValues: readonly unknown[] = [
  null,
  true,
  '',
  '\u0000',
  '../../etc/passwd',
  'a\\..\\b',
  '\u001B[2J\r\n',
  '\u202E',
  '\uD800',
  '%2F%2E%2E',
  '1.0',
  '9'.repeat(400),
  'x'.repeat(5000),
  -1,
  0,
  -0,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[[[[[[[]]]]]]]],
  { length: 3 },
  { length: { toString: 1, valueOf: 1 } },
  { length: {}, size: 1 },
  { then: 1, toString: null, constructor: null },
  { t: 'ended', task: '1.0', epoch: 1 },
];

/** One odd input after the other, made of good ones; the same seed, the same inputs. */
export class OddInputs {
  readonly #rng: SeededRng;

  constructor(seed: number) {
    this.#rng = new SeededRng(seed);
  }

  /** A good value with a few things in it that are odd, or an odd one from the start. */
  value(good: readonly unknown[]): unknown {
    if (this.#rng.next() < 0.05) return this.#odd();
    let value: unknown = structuredClone(this.#rng.pick(good));
    for (let times = 1 + this.#rng.below(3); times > 0; times -= 1) value = this.#bent(value, 0);
    return value;
  }

  /** As JSON; sometimes cut, doubled or with other characters in it. */
  json(good: readonly unknown[]): string {
    const text = JSON.stringify(this.value(good)) ?? '';
    return this.#rng.next() < 0.7 ? text : this.text([text]);
  }

  text(good: readonly string[]): string {
    let text = this.#rng.pick(good) ?? '';
    for (let times = 1 + this.#rng.below(4); times > 0; times -= 1) {
      const at = this.#rng.below(text.length + 1);
      const odd = this.#rng.next() < 0.5 ? this.#character() : (JSON.stringify(this.#odd()) ?? '');
      const cut = this.#rng.below(4);
      text = text.slice(0, at) + odd + text.slice(at + cut);
      if (this.#rng.next() < 0.1) text = text.slice(0, at);
    }
    return text.slice(0, 20_000);
  }

  bytes(good: readonly Uint8Array[]): Uint8Array {
    const from = this.#rng.pick(good) ?? new Uint8Array();
    const length = this.#rng.next() < 0.3 ? this.#rng.below(from.length + 40) : from.length;
    const bytes = new Uint8Array(length);
    bytes.set(from.subarray(0, length));
    for (let times = this.#rng.below(8); times > 0 && length > 0; times -= 1) {
      const at = this.#rng.below(length);
      bytes[at] = this.#rng.next() < 0.3 ? 255 : this.#rng.below(256);
    }
    return bytes;
  }

  #bent(value: unknown, depth: number): unknown {
    const rng = this.#rng;
    if (typeof value !== 'object' || value === null || (depth > 0 && rng.next() < 0.15))
      return typeof value === 'string' && rng.next() < 0.5 ? this.text([value]) : this.#odd();
    const keys = Object.keys(value);
    const key = rng.pick(keys) ?? '0';
    const what = rng.next();
    if (Array.isArray(value)) {
      const copy = [...(value as unknown[])];
      if (what < 0.2) copy.push(this.#odd());
      else if (what < 0.3) copy.length = 0;
      else if (copy.length > 0) copy[Number(key)] = this.#bent(copy[Number(key)], depth + 1);
      return copy;
    }
    const copy = { ...(value as Record<string, unknown>) };
    if (what < 0.15) delete copy[key];
    else if (what < 0.25)
      copy[rng.pick(['__proto__', 'escaped', 'kind', 'extra']) ?? ''] = this.#odd();
    else copy[key] = this.#bent(copy[key], depth + 1);
    return copy;
  }

  #odd(): unknown {
    return structuredClone(this.#rng.pick(oddValues));
  }

  #character(): string {
    const code = this.#rng.next() < 0.6 ? this.#rng.below(128) : this.#rng.below(0x10000);
    return String.fromCharCode(code);
  }
}
