import { said, type RefusalKind, type Result } from '../../shared/base/result.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';

/**
 * A command that cannot go on. Parsers return their refusals as values; at the level of a whole command the
 * only thing left to do with one is to print its sentence and exit, so there it is thrown.
 */
export class Refused extends Error {
  readonly kind: RefusalKind;
  /** For programs: see `Refusal`. */
  readonly code: string;

  constructor(kind: RefusalKind, sentence: string, code: string = said) {
    super(sentence);
    this.kind = kind;
    this.code = code;
  }
}

/** The value, or the end of this command with the refusal's sentence, told as being about `what`. */
export function must<Value>(result: Result<Value>, what?: string): Value {
  if (result.ok) return result.value;
  const { kind, code } = result.error;
  const sentence = refusalWords(result.error);
  throw new Refused(kind, what === undefined ? sentence : `${what}: ${sentence}`, code);
}

/** 2: the request itself is wrong; 1: it could not be done. */
export function exitCodeOf(kind: RefusalKind): 1 | 2 {
  return kind === 'misuse' || kind === 'not-found' ? 2 : 1;
}
