import type { Told } from '../domain/told.ts';

export type WordsOf<Facts> = { readonly [Code in keyof Facts]: (facts: Facts[Code]) => string };

/** The words for each code of a group. A code of a later Nightshift is named as it is. */
export const wordsBy =
  <Facts>(words: WordsOf<Facts>) =>
  ({ code, facts }: Told<Facts>): string =>
    Object.hasOwn(words, code) ? words[code](facts) : String(code);
