import { ORPCError, ValidationError } from '@orpc/server';
import type { Refusal, Result } from '../../shared/base/result.ts';

/** The contract's error `REFUSED`. */
export function refusalError(refusal: Refusal): ORPCError<'REFUSED', Refusal> {
  const { code, sentence } = refusal;
  return new ORPCError('REFUSED', {
    defined: true,
    status: 422,
    message: sentence,
    data: { code, sentence },
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
): ORPCError<'REFUSED', Refusal> {
  if (error instanceof ORPCError) {
    if (error.code === 'REFUSED') return error as ORPCError<'REFUSED', Refusal>;
    if (error.cause instanceof ValidationError) {
      return refusalError({ code: 'misuse', sentence: placeOf(error.cause) });
    }
  }
  // Kept for people by errors that know what they say, such as a store on a full disk.
  const known =
    error instanceof Error && (error.name === 'StoreFull' || error.name === 'StoreBroken');
  log(
    `a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return refusalError({
    code: 'failed',
    sentence: known ? error.message : 'the head could not do this; its head.log says why.',
  });
}

function placeOf(error: ValidationError): string {
  const [issue] = error.issues;
  const path = (issue?.path ?? [])
    .map((part) => (typeof part === 'object' ? part.key : part))
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  return `the request was not understood at $${path}: ${issue?.message ?? 'wrong form'}.`;
}
