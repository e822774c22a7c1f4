import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IndexRanges } from '../../../../src-main/core/state/index-ranges.ts';

it('is a set of numbers, whatever is put in and taken out', () => {
  const step = fc.tuple(fc.boolean(), fc.nat(30));
  fc.assert(
    fc.property(fc.nat(30), fc.array(step, { maxLength: 60 }), (last, steps) => {
      const ranges = IndexRanges.of(3, last);
      const plain = new Set(Array.from({ length: Math.max(0, last - 2) }, (_, at) => at + 3));
      for (const [puts, number] of steps) {
        if (puts) ranges.add(number);
        else expect(ranges.delete(number)).toBe(plain.has(number));
        if (puts) plain.add(number);
        else plain.delete(number);
        const sorted = [...plain].sort((a, b) => a - b);
        expect([...ranges]).toEqual(sorted);
        expect(ranges.size).toBe(plain.size);
        for (let at = 0; at <= 31; at += 1) {
          expect(ranges.has(at)).toBe(plain.has(at));
          expect(ranges.below(at)).toBe(sorted.filter((one) => one < at).length);
          expect(ranges.from(at)).toBe(sorted.find((one) => one >= at));
          let end = at;
          while (plain.has(end + 1)) end += 1;
          expect(ranges.runFrom(at)).toBe(plain.has(at) ? end : undefined);
        }
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

it('loses nothing that is taken out while it is walked', () => {
  const ranges = IndexRanges.of(1, 100_000);
  const seen: number[] = [];
  for (const number of ranges) {
    seen.push(number);
    ranges.delete(number);
    if (seen.length === 5) break;
  }
  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(ranges.size).toBe(99_995);
});
