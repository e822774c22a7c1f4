import type { Refusal, RefusalKind, Result } from '../shared/base/result.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';

/** A result with its refusal as a person reads it. */
export const inWords = <Value>(
  result: Result<Value, Refusal>,
): Result<Value, { readonly kind: RefusalKind; readonly sentence: string }> =>
  result.ok
    ? result
    : { ok: false, error: { kind: result.error.kind, sentence: refusalWords(result.error) } };
