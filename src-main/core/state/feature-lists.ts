/** A lab has PCs of a few makes; whoever says something else each time gets no more room than this. */
const mostLists = 64;

/**
 * Lists of processor features, a hundred words each, of which the PCs of one make say the same: kept once, and not for each PC
 * and each checkpoint. Lists that are one and the same need not be compared either.
 */
export class FeatureLists {
  readonly #known = new Map<string, readonly string[]>();

  /** The same words in the same order. */
  shared(features: readonly string[]): readonly string[] {
    const key = features.join(' ');
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= mostLists) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(key, features);
    return features;
  }

  /** Whatever has such a list, with the one that is kept. */
  in<Of extends { readonly cpuFeatures: readonly string[] }>(of: Of): Of {
    return { ...of, cpuFeatures: this.shared(of.cpuFeatures) };
  }
}
