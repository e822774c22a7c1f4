import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from '../../../../src-main/core/plan/heap.ts';

const isLess = (a: number, b: number): boolean => a < b;

function drain(heap: Heap<number>): number[] {
  const out: number[] = [];
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) out.push(top);
  return out;
}

test('an empty heap has nothing on top and gives nothing', () => {
  const heap = new Heap(isLess);
  expect([heap.top, heap.pop()]).toEqual([undefined, undefined]);
  heap.topIsWorse();
  heap.push(1);
  expect([heap.top, heap.pop(), heap.top]).toEqual([1, 1, undefined]);
});

describe('whatever is put in', () => {
  const numbers = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 40 });

  test('comes out in order, equals as often as they were', () => {
    fc.assert(
      fc.property(numbers, numbers, (first, later) => {
        const heap = new Heap(isLess, [...first]);
        for (const number of later) heap.push(number);
        expect(drain(heap)).toEqual([...first, ...later].sort((a, b) => a - b));
      }),
    );
  });

  test('stays in order when what is on top becomes worse', () => {
    fc.assert(
      fc.property(numbers, fc.nat(30), (first, worse) => {
        const items = first.map((value) => ({ value }));
        const heap = new Heap<{ value: number }>((a, b) => a.value < b.value, items);
        if (heap.top) heap.top.value += worse;
        heap.topIsWorse();
        const out: number[] = [];
        for (let top = heap.pop(); top; top = heap.pop()) out.push(top.value);
        expect(out).toEqual([...out].sort((a, b) => a - b));
        expect(out).toHaveLength(first.length);
      }),
    );
  });
});
