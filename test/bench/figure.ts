/** A figure and what it is compared with. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  readonly reference: string;
  readonly goal: string;
}

export interface Section {
  readonly figures: readonly Figure[];
  readonly json: Readonly<Record<string, unknown>>;
}
