/** An expected refusal is a value, not an exception. */
export type Result<Value, Failure = Refusal> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: Failure };

/**
 * Why not, in facts: programs compare `code`, people read what `refusalWords` makes of both. A code keeps its meaning and
 * its facts for ever; what means something else is another code.
 */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly facts: Facts;
}

/** A refusal as it comes over the wire: with the words of whoever refused, for codes that a face does not know. */
export interface ToldRefusal extends Refusal {
  readonly sentence: string;
}

/**
 * misuse: the request itself is wrong (CLI exit code 2); not-found: it names something unknown (2);
 * refused: right in form but not possible now (1); failed: tried and did not work (1).
 */
export type RefusalKind = 'misuse' | 'not-found' | 'refused' | 'failed';

/** What JSON can carry; null, and never undefined, where there is nothing to say. */
export type Fact =
  string | number | boolean | null | Refusal | readonly Fact[] | { readonly [name: string]: Fact };
export type Facts = Readonly<Record<string, Fact>>;

export const ok = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({
  ok: true,
  value,
});

/** Code of a refusal that comes as one clear sentence: what was found out there, in files, drives or the system's tools. */
export const said = 'said';

/** `sentence`: what happened and what to do. What a person may do with the lab is refused by a code: `refuseFor`. */
export const refuse = (
  kind: RefusalKind,
  sentence: string,
): { readonly ok: false; readonly error: Refusal } => ({
  ok: false,
  error: { kind, code: said, facts: { sentence } },
});
