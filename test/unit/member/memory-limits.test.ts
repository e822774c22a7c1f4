import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mebibytes } from '../../../shared/base/units.ts';
import {
  filesWithin,
  hasRoomFor,
  keptFree,
  memoryLimits,
  unassigned,
  type MemoryHeld,
} from '../../../src-member/platform/containers/memory-limits.ts';

const MiB = 1024 * 1024;
const unnamed = (used: number): MemoryHeld => ({
  named: null,
  promised: 256 * MiB,
  used: used * MiB,
});
const named = (limit: number, used = 0): MemoryHeld => ({
  named: limit * MiB,
  promised: 256 * MiB,
  used: used * MiB,
});
const limitsOf = (spare: number, held: readonly MemoryHeld[]): readonly number[] =>
  memoryLimits(spare * MiB, held).map((limit) => Math.round(limit / MiB));

describe('what a task may have', () => {
  test.each([
    ['alone it has all that its PC can spare', 1600, [unnamed(0)], [1600]],
    ['two share what neither has', 1600, [unnamed(0), unnamed(0)], [800, 800]],
    ['what one has already stays its own', 1600, [unnamed(1000), unnamed(0)], [1172, 428]],
    ['what was named is kept for whom it was named', 1600, [named(600), unnamed(10)], [600, 1000]],
    ['what was named is no more when there is more', 1600, [named(600)], [600]],
    ['where nothing is left it keeps what it has', 500, [unnamed(400), named(256)], [404, 256]],
  ] as const)('%s', (_what, spare, held, limits) => {
    expect(limitsOf(spare, held)).toEqual(limits);
  });

  test('all together never more than their PC can spare, unless they have it already or were promised it', () => {
    const size = fc.integer({ min: 0, max: 4096 });
    const task = fc.oneof(
      size.map(unnamed),
      fc.tuple(size, size).map(([a, b]) => named(a, b)),
    );
    fc.assert(
      fc.property(size, fc.array(task, { maxLength: 8 }), (spare, held) => {
        const limits = memoryLimits(spare * MiB, held);
        const floor = held.map(({ named: of, promised, used }) => Math.max(of ?? promised, used));
        const sum = (sizes: readonly number[]): number => sizes.reduce((all, one) => all + one, 0);
        const least = sum(floor) + 4 * MiB * held.filter((one) => one.named === null).length;
        expect(sum(limits)).toBeLessThanOrEqual(
          Math.max(spare * MiB + 4 * MiB * held.length, least),
        );
        held.forEach((one, at) => {
          if (one.named === null) expect(limits[at]).toBeGreaterThanOrEqual(floor[at] ?? 0);
          else expect(limits[at]).toBe(one.named);
        });
      }),
    );
  });

  test('a task comes where there is room beside what others have and what was named', () => {
    expect(hasRoomFor(1000 * MiB, [unnamed(100), named(300)], 600 * MiB)).toBe(true);
    expect(hasRoomFor(1000 * MiB, [unnamed(100), named(300)], 601 * MiB)).toBe(false);
    expect(unassigned(1000 * MiB, [unnamed(100), named(300)])).toBe(444 * MiB);
  });

  test('files are a little less than the memory, and every PC keeps something for itself', () => {
    expect(filesWithin(mebibytes(64)) / MiB).toBe(56);
    expect(filesWithin(mebibytes(4096)) / MiB).toBe(4032);
    expect(filesWithin(mebibytes(4)) / MiB).toBe(2);
    expect([512, 2048, 16_384].map((size) => keptFree(size * MiB) / MiB)).toEqual([64, 128, 256]);
  });
});
