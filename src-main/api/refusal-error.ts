import { ORPCError, ValidationError } from '@orpc/server';
import { refuse, type Refusal, type Result } from '../../shared/base/result.ts';
import type { ToldRefusal } from '../../shared/base/result.ts';
import { toldRefusal } from '../../shared/words/refusal-words.ts';

/** The contract's error `REFUSED`. */
export function refusalError(refusal: Refusal): ORPCError<'REFUSED', ToldRefusal> {
  const { kind, code, facts, sentence } = toldRefusal(refusal);
  return new ORPCError('REFUSED', {
    defined: true,
    status: 422,
    message: sentence,
    data: { kind, code, facts, sentence },
  });
}

/** The value of a result; a refusal is thrown as the contract's error. */
export function granted<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw refusalError(result.error);
}

/**
 * Whatever a procedure threw, as the contract's error: a request in a wrong form names the place, and a surprise
 * goes to the log and leaves one sentence.
 */
export function asRefusal(
  error: unknown,
  log: (line: string) => void,
): ORPCError<'REFUSED', ToldRefusal> {
  if (error instanceof ORPCError) {
    if (error.code === 'REFUSED') return error as ORPCError<'REFUSED', ToldRefusal>;
    if (error.cause instanceof ValidationError) {
      return refusalError(refuse('misuse', placeOf(error.cause)).error);
    }
  }
  // Kept for people by errors that know what they say, such as a store on a full disk.
  const known =
    error instanceof Error && (error.name === 'StoreFull' || error.name === 'StoreBroken');
  log(
    `a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  const sentence = known ? error.message : 'the head could not do this; its head.log says why.';
  return refusalError(refuse('failed', sentence).error);
}

function placeOf(error: ValidationError): string {
  const [issue] = error.issues;
  const path = (issue?.path ?? [])
    .map((part) => (typeof part === 'object' ? part.key : part))
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  return `the request was not understood at $${path}: ${issue?.message ?? 'wrong form'}.`;
}
