import { describe, expect, it } from 'vitest';
import { gibibytes, mebibytes } from '../../../shared/base/units.ts';
import { memoryOfEach } from '../../../src-main/platform/practice/pc-memory.ts';
import { inWords } from '../../in-words.ts';

describe('memory of practice PCs', () => {
  it('is two GiB when there is plenty', () => {
    expect(memoryOfEach(3, null, gibibytes(24))).toEqual({ ok: true, value: gibibytes(2) });
  });

  it('is a fair share when there is not', () => {
    expect(memoryOfEach(4, null, gibibytes(5))).toEqual({ ok: true, value: gibibytes(1) });
  });

  it('is what was wished for when it is there', () => {
    expect(memoryOfEach(2, gibibytes(4), gibibytes(8))).toEqual({ ok: true, value: gibibytes(4) });
  });

  it.each([
    [
      3,
      null,
      mebibytes(512),
      '512 MiB of memory are free, too little for 3 PCs of 256 MiB; end other programs or ask for fewer PCs.',
    ],
    [
      1,
      mebibytes(64),
      gibibytes(8),
      'a PC with 64 MiB of memory cannot run the member system; give it at least 256 MiB.',
    ],
    [
      1,
      gibibytes(16),
      gibibytes(8),
      'one PC with 16 GiB needs 16 GiB of memory and 8 GiB are free; write --memory 8192M or less.',
    ],
    [
      64,
      gibibytes(1),
      gibibytes(8),
      '64 PCs with 1 GiB need 64 GiB of memory and 8 GiB are free; ask for fewer PCs.',
    ],
  ])('%i PCs wishing for %s of %s are refused in words', (count, wished, free, sentence) => {
    expect(inWords(memoryOfEach(count, wished, free))).toMatchObject({
      ok: false,
      error: { sentence },
    });
  });
});
