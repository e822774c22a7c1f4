import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownSystems } from '../../../../src-member/core/own-system/choose-own-system.ts';
import {
  decodeTries,
  encodeTries,
  nextTry,
  type Tries,
} from '../../../../src-member/core/own-system/next-try.ts';
import { option, partitionOf, fileNode, debian, stick, entries } from '../firmware-entries.ts';

describe('an entry of a system that is gone', () => {
  const old = option('Windows Boot Manager', [
    partitionOf('gpt', 0x01d),
    fileNode('\\EFI\\Microsoft\\Boot\\bootmgfw.efi'),
  ]);
  const own = ownSystems({ entries: entries(stick, old, debian), order: [0, 1, 2], current: 0 });
  const minute = 60;

  /** Named at each of these seconds. */
  const named = (...seconds: readonly number[]): readonly (string | undefined)[] => {
    let tries: Tries | undefined;
    return seconds.map((now) => {
      const next = nextTry(own, tries, { now, up: 8 });
      // The note goes through the firmware and back.
      if (next) tries = decodeTries(encodeTries(next.tries));
      return next?.entry.description;
    });
  };
  const [stale, good] = ['Windows Boot Manager', 'debian'];

  test('is passed over once it was named twice and the PC is back at once', () => {
    expect(named(100, 130, 160, 190, 220)).toEqual([stale, stale, good, good, undefined]);
  });

  test('counts anew when the PC was in use in between', () => {
    expect(named(0, 30, 60 * minute, 120 * minute, 121 * minute)).toEqual(Array(5).fill(stale));
    // Windows that installs updates starts anew again and again, but not within a minute.
    expect(named(0, 5 * minute, 10 * minute, 15 * minute)).toEqual(Array(4).fill(stale));
  });

  test('is not accused by a clock that begins anew each morning, or was put back', () => {
    expect(named(30, 31, 30, 32, 30)).toEqual(Array(5).fill(stale));
    expect(named(1000, 500, 100)).toEqual(Array(3).fill(stale));
    expect(named(0, 0, 0)).toEqual(Array(3).fill(stale));
  });

  test('is noted in a variable that only its writer understands', () => {
    expect(decodeTries(new Uint8Array())).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const tries = decodeTries(bytes);
        if (tries) expect(encodeTries(tries)).toEqual(bytes);
      }),
    );
  });
});
