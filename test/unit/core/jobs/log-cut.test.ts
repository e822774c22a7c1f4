import { describe, expect, test } from 'vitest';
import { epochMillis, hours } from '../../../../shared/base/units.ts';
import { cutOldLog, searchCut } from '../../../../src-main/core/jobs/log-cut.ts';
import { ToldLab } from '../told-lab.ts';

describe('the log is cut', () => {
  test('once a day, at what is older than jobs are kept', () => {
    const lab = new ToldLab().happens({ e: 'keep-for-set', keepFor: hours(48) });
    const cut = () => lab.decides(cutOldLog).directives;
    expect(cut()).toEqual([
      { d: 'cut-log', of: { olderThan: lab.wall - hours(48), wall: lab.wall } },
    ]);
    expect(cut()).toEqual([]);
    expect(lab.passes(hours(24) - 1) && cut()).toEqual([]);
    expect(lab.passes(1) && cut()).toHaveLength(1);
  });
});

describe('the search for the last event that leaves', () => {
  const cut = { olderThan: epochMillis(100), wall: epochMillis(200) };
  const search = (...events: readonly (readonly [number, number])[]) => {
    let found = { upTo: 0, isOver: false };
    for (const [seq, at] of events) {
      if (found.isOver) break;
      found = searchCut(found, { seq, at: epochMillis(at) }, 10_000, cut);
    }
    return found;
  };

  test.each<[string, readonly (readonly [number, number])[], object]>([
    [
      'takes what is old',
      [
        [1, 5],
        [2, 99],
      ],
      { upTo: 2, isOver: false },
    ],
    [
      'stops at the first that is young',
      [
        [1, 5],
        [2, 100],
        [3, 6],
      ],
      { upTo: 1, isOver: true },
    ],
    [
      'takes what a wrong clock stamped along with an old one behind it',
      [
        [1, 5],
        [2, 999],
        [3, 6],
      ],
      { upTo: 3, isOver: false },
    ],
    [
      'leaves what a wrong clock stamped where nothing old comes after',
      [
        [1, 5],
        [2, 999],
      ],
      { upTo: 1, isOver: false },
    ],
    [
      'stops at the newest two thousand, however old',
      [
        [8000, 5],
        [8001, 5],
      ],
      { upTo: 8000, isOver: true },
    ],
    ['finds nothing in a young log', [[1, 150]], { upTo: 0, isOver: true }],
  ])('%s', (_what, events, expected) => {
    expect(search(...events)).toEqual(expected);
  });

  test('finds nothing in a small log', () => {
    const first = { seq: 1, at: epochMillis(5) };
    expect(searchCut({ upTo: 0, isOver: false }, first, 2000, cut)).toEqual({
      upTo: 0,
      isOver: true,
    });
    expect(searchCut({ upTo: 0, isOver: false }, first, 2001, cut).upTo).toBe(1);
  });
});
