import type { RefusalCode, Result } from '../../shared/base/result.ts';

/**
 * A command that cannot go on. Parsers return their refusals as values; at the level of a whole command the
 * only thing left to do with one is to print its sentence and exit, so there it is thrown.
 */
export class Refused extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

/** The value, or the end of this command with the refusal's sentence, told as being about `what`. */
export function must<Value>(result: Result<Value>, what?: string): Value {
  if (result.ok) return result.value;
  const { code, sentence } = result.error;
  throw new Refused(code, what === undefined ? sentence : `${what}: ${sentence}`);
}

/** 2: the request itself is wrong; 1: it could not be done. */
export function exitCodeOf(code: RefusalCode): 1 | 2 {
  return code === 'misuse' || code === 'not-found' ? 2 : 1;
}
