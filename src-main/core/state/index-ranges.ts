/** A set of whole numbers that keeps runs of neighbours as one: 1–100,000 is one pair, however large. */
export class IndexRanges {
  /** Ascending, apart from each other by at least one number. */
  readonly #ranges: { first: number; last: number }[] = [];
  #size = 0;

  static of(first: number, last: number): IndexRanges {
    const made = new IndexRanges();
    if (first <= last) made.#ranges.push({ first, last });
    made.#size = Math.max(0, last - first + 1);
    return made;
  }

  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    const at = this.#at(number);
    return at < this.#ranges.length && (this.#ranges[at]?.first ?? Infinity) <= number;
  }

  add(number: number): void {
    const at = this.#at(number);
    const next = this.#ranges[at];
    if (next && next.first <= number) return;
    this.#size += 1;
    const before = this.#ranges[at - 1];
    const joinsBefore = before?.last === number - 1;
    const joinsNext = next?.first === number + 1;
    if (before && next && joinsBefore && joinsNext) {
      before.last = next.last;
      this.#ranges.splice(at, 1);
    } else if (before && joinsBefore) before.last = number;
    else if (next && joinsNext) next.first = number;
    else this.#ranges.splice(at, 0, { first: number, last: number });
  }

  delete(number: number): boolean {
    const at = this.#at(number);
    const range = this.#ranges[at];
    if (!range || range.first > number) return false;
    this.#size -= 1;
    if (range.first === range.last) this.#ranges.splice(at, 1);
    else if (range.first === number) range.first += 1;
    else if (range.last === number) range.last -= 1;
    else {
      this.#ranges.splice(at, 0, { first: range.first, last: number - 1 });
      range.first = number + 1;
    }
    return true;
  }

  /** How many of them are smaller. */
  below(number: number): number {
    let count = 0;
    for (const { first, last } of this.#ranges) {
      if (first >= number) break;
      count += Math.min(last, number - 1) - first + 1;
    }
    return count;
  }

  /** The smallest that is not below. */
  from(number: number): number | undefined {
    const range = this.#ranges[this.#at(number)];
    return range && Math.max(range.first, number);
  }

  /** The last of the neighbours that follow it without a gap; undefined when it is none of them itself. */
  runFrom(number: number): number | undefined {
    const range = this.#ranges[this.#at(number)];
    return range && range.first <= number ? range.last : undefined;
  }

  /** Ascending; the set may change meanwhile. */
  *[Symbol.iterator](): Generator<number, void, void> {
    for (let next = this.from(-Infinity); next !== undefined; next = this.from(next + 1))
      yield next;
  }

  /** Place of the first range that does not end before the number. */
  #at(number: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.last ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
