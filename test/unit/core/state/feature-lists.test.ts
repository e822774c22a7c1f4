import { expect, test } from 'vitest';
import { FeatureLists } from '../../../../src-main/core/state/feature-lists.ts';

test('PCs of one make share one list, and others keep theirs', () => {
  const lists = new FeatureLists();
  const first = { name: 'pc-1', cpuFeatures: ['sse', 'avx'] };
  const same = { name: 'pc-2', cpuFeatures: ['sse', 'avx'] };
  const other = { name: 'pc-3', cpuFeatures: ['avx', 'sse'] };
  const one = lists.in(first);
  expect(one).toEqual(first);
  expect(lists.in(same)).toEqual(same);
  expect(lists.in(same).cpuFeatures).toBe(one.cpuFeatures);
  expect(lists.in(other)).toEqual(other);
});

test('a PC that says something else each time takes no more and more room, and gets back what it said', () => {
  const lists = new FeatureLists();
  const first = ['made-up-0'];
  expect(lists.shared(first)).toBe(first);
  for (let at = 1; at <= 64; at += 1)
    expect(lists.shared([`made-up-${at}`])).toEqual([`made-up-${at}`]);
  const again = ['made-up-0'];
  expect(lists.shared(again)).toBe(again);
});
