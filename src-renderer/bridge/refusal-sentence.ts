import type { ToldRefusal } from '../../shared/base/result.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';

/** What to tell a person about whatever a call threw. */
export function sentenceOf(error: unknown): string {
  if (isRefusal(error)) return capitalised(refusalWords(error.data));
  if (error instanceof DOMException && error.name === 'AbortError') return 'It was stopped.';
  return 'The head did not answer. Try again when the connection is back.';
}

interface RefusedError extends Error {
  readonly data: ToldRefusal;
}

function isRefusal(error: unknown): error is RefusedError {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'REFUSED') return false;
  const known: unknown = 'data' in error ? error.data : undefined;
  return (
    typeof known === 'object' &&
    known !== null &&
    'facts' in known &&
    'sentence' in known &&
    typeof known.sentence === 'string'
  );
}

/** Sentences begin small, as they often stand behind a colon; a name such as `pc-07` keeps its form. */
const capitalised = (sentence: string): string =>
  /^[a-z]+[ ,]/.test(sentence) ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence;
