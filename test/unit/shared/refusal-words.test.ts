import { expect, it } from 'vitest';
import { refuse } from '../../../shared/base/result.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { refusalWords, toldRefusal } from '../../../shared/words/refusal-words.ts';

it('a refusal in a sentence of its own is told in it', () => {
  expect(refusalWords(refuse('failed', 'the disk is full.').error)).toBe('the disk is full.');
});

it('a refusal within a refusal is told in one sentence', () => {
  const because = refuse('misuse', 'it names no PC.').error;
  const { error } = refuseFor('misuse', 'line-of-table', { line: 3, because });
  expect(refusalWords(error)).toBe('line 3: it names no PC.');
  expect(toldRefusal(error)).toEqual({ ...error, sentence: 'line 3: it names no PC.' });
});

it('of a newer head what is not known is told as the head worded it, and never as "undefined"', () => {
  const sentence = 'pc-01 is on the moon.';
  const told = { kind: 'refused', code: 'on-the-moon', facts: {}, sentence } as const;
  expect(refusalWords(told)).toBe(sentence);
  expect(refusalWords({ ...told, code: 'line-of-table', facts: { row: 3 } })).toBe(sentence);
  expect(refusalWords({ kind: 'refused', code: 'toString', facts: {} })).toBe('refused (toString)');
});
