/** A binary heap: the best is on top, and putting in or taking out costs the logarithm of its size. */
export class Heap<Item> {
  readonly #items: Item[];
  readonly #isBetter: (a: Item, b: Item) => boolean;

  /** The items are ordered in place, in time that grows with their number only. */
  constructor(isBetter: (a: Item, b: Item) => boolean, items: Item[] = []) {
    this.#isBetter = isBetter;
    this.#items = items;
    for (let at = (items.length >>> 1) - 1; at >= 0; at -= 1) this.#sink(at);
  }

  get top(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const parent = items[above];
      if (parent === undefined || !this.#isBetter(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  pop(): Item | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return top;
  }

  /** To be called when the one on top has become worse. */
  topIsWorse(): void {
    this.#sink(0);
  }

  #sink(from: number): void {
    const items = this.#items;
    const item = items[from];
    if (item === undefined) return;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [items[left], items[left + 1]];
      const child = a !== undefined && b !== undefined && this.#isBetter(b, a) ? left + 1 : left;
      const better = items[child];
      if (better === undefined || !this.#isBetter(better, item)) break;
      items[at] = better;
      at = child;
    }
    items[at] = item;
  }
}
