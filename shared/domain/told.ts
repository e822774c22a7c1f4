/**
 * What is told in facts: programs compare `code`, faces word both. A code keeps its meaning and its facts for ever; what
 * means something else is another code. `Facts`: which facts belong to which code.
 */
export type Told<Facts> = {
  readonly [Code in keyof Facts]: { readonly code: Code; readonly facts: Facts[Code] };
}[keyof Facts];

/** A code that needs no facts. */
export type NoFacts = Readonly<Record<never, never>>;
