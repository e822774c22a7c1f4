/** An expected refusal is a value, not an exception. `error.sentence` is fit to be shown to a person. */
export type Result<Value, Failure = Refusal> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: Failure };

/** One clear sentence that says what to do; `code` is for programs and for exit codes. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly sentence: string;
}

/**
 * misuse: the request itself is wrong (CLI exit code 2); not-found: it names something unknown (2);
 * refused: right in form but not possible now (1); failed: tried and did not work (1).
 */
export type RefusalCode = 'misuse' | 'not-found' | 'refused' | 'failed';

export const ok = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({
  ok: true,
  value,
});

export const refuse = (
  code: RefusalCode,
  sentence: string,
): { readonly ok: false; readonly error: Refusal } => ({ ok: false, error: { code, sentence } });
