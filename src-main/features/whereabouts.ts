/** Where a head is, as far as that is known by now: features are opened before it listens and hears of others. */
export class Whereabouts {
  #port: number;
  #otherHead: string | null = null;

  /** `wanted`: the TLS port; 0: any free one. */
  constructor(wanted: number) {
    this.#port = wanted;
  }

  /** The TLS port: what was asked for, and once it listens what it got. */
  port(): number {
    return this.#port;
  }

  listensAt(port: number): void {
    this.#port = port;
  }

  /** `host:port` of another head that serves this very lab at this moment. */
  otherHead(): string | null {
    return this.#otherHead;
  }

  heardOf(otherHead: string | null): void {
    this.#otherHead = otherHead;
  }
}
