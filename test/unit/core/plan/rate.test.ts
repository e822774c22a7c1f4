import { describe, expect, test } from 'vitest';
import { rate } from '../../../../src-main/core/plan/rate.ts';

describe('work that a task gets done per second', () => {
  test.each([
    // speed, processors, used, rate
    [1000, 1, 1, 1],
    [500, 1, 1, 0.5],
    [1000, 4, 1, 1],
    [1000, 4, 4, 0.8],
    [1000, 2, 2, 0.8],
    [1000, 3, 2, 0.9],
    // Crowded twice over each gets half of what it would.
    [1000, 2, 4, 0.4],
    [1000, 1, 2, 0.5],
    [1000, 4, 0, 1],
  ])(
    'on a PC of speed %i with %i processors of which %i are taken is %d',
    (speed, processors, used, expected) => {
      expect(rate({ speed, processors }, used)).toBeCloseTo(expected, 10);
    },
  );

  test('is never more with one more neighbour', () => {
    for (let processors = 1; processors <= 16; processors += 1)
      for (let used = 1; used <= 40; used += 1) {
        const pc = { speed: 1000, processors };
        expect(rate(pc, used + 1)).toBeLessThanOrEqual(rate(pc, used));
      }
  });
});
