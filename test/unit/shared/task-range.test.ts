import { describe, expect, it } from 'vitest';
import { maxTasksOfArray, parseTaskRange } from '../../../shared/domain/task-range.ts';
import { inWords } from '../../in-words.ts';

describe('a range of tasks', () => {
  it.each([
    ['1-500', 1, 500],
    ['0-0', 0, 0],
    [' 3 - 7 ', 3, 7],
    [`1-${maxTasksOfArray}`, 1, maxTasksOfArray],
  ])('%s is understood', (text, first, last) => {
    expect(parseTaskRange(text)).toEqual({ ok: true, value: { first, last } });
  });

  it.each([
    ['5', '"5" is not a range of tasks; write first-last, such as 1-500.'],
    ['', '"" is not a range of tasks; write first-last, such as 1-500.'],
    ['a-b', '"a-b" is not a range of tasks; write first-last, such as 1-500.'],
    ['-1-4', '"-1-4" is not a range of tasks; write first-last, such as 1-500.'],
    ['1-2-3', '"1-2-3" is not a range of tasks; write first-last, such as 1-500.'],
    ['1.5-2', '"1.5-2" is not a range of tasks; write first-last, such as 1-500.'],
    ['9-3', 'the range 9-3 ends before it begins; write 3-9.'],
    ['1-99999999', 'task 99999999 is too high a number; the highest is 9999999.'],
    ['0-100000', '0-100000 are 100001 tasks; a job has at most 100000, so submit several.'],
    [
      '1-99999999999999999999',
      '"1-99999999999999999999" is not a range of tasks; write first-last, such as 1-500.',
    ],
  ])('%s is refused with a sentence', (text, sentence) => {
    expect(inWords(parseTaskRange(text))).toEqual({
      ok: false,
      error: { kind: 'misuse', sentence },
    });
  });
});
