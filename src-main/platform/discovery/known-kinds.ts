import { interfaceKind, type InterfaceKind } from './interface-kind.ts';

/** Milliseconds. A card is plugged in and a bridge gets its first port seldom, and neither is waited for. */
const keptFor = 5000;

/**
 * What interfaces are, for those who ask twice a second: the system is asked about each of them, which takes a dozen files, every
 * five seconds only. An interface that is new is looked at at once.
 */
export class KnownKinds {
  readonly #kindOf: (name: string) => InterfaceKind;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly kind: InterfaceKind; readonly at: number }>();

  /** `now`: milliseconds of a clock that does not jump. */
  constructor(
    kindOf: (name: string) => InterfaceKind = interfaceKind,
    now: () => number = () => performance.now(),
  ) {
    this.#kindOf = kindOf;
    this.#now = now;
  }

  readonly of = (name: string): InterfaceKind => {
    const at = this.#now();
    for (const [other, known] of this.#known)
      if (at - known.at >= keptFor) this.#known.delete(other);
    const known = this.#known.get(name);
    if (known) return known.kind;
    const kind = this.#kindOf(name);
    this.#known.set(name, { kind, at });
    return kind;
  };
}
