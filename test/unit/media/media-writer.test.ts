import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ok, refuse } from '../../../shared/base/result.ts';
import { bytes, mebibytes, seconds } from '../../../shared/base/units.ts';
import { diskImage, type DiskImage } from '../../../src-main/core/boot-image/disk-image.ts';
import type { MediaProgress, MediaResult } from '../../../src-main/shells/media-order.ts';
import { writeMedia } from '../../../src-main/shells/media-writer.ts';
import { paceOf, remainingTime } from '../../../src-main/shells/write-attempt.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';
import { bytesOf } from '../boot-image/image-bytes.ts';
import { driveOf } from './drives.ts';
import { SimulatedDrive, type Misfortune } from './simulated-drive.ts';

const size = bytes(mebibytes(3));
const begin = new Uint8Array(512).fill(0xb0);
const image: DiskImage = diskImage(size, [
  { at: 0, size: 512, content: begin },
  { at: 512, size: 3000, content: new Uint8Array(3000).fill(1) },
  {
    at: mebibytes(1),
    size: mebibytes(1) + 700,
    content: new Uint8Array(mebibytes(1) + 700).fill(2),
  },
  { at: mebibytes(2) + 1024, size: 512, content: 'zeros' },
]);

/** In as many pieces, and quicker to look at. */
const small: DiskImage = diskImage(16_384, [
  { at: 0, size: 512, content: begin },
  { at: 512, size: 3000, content: new Uint8Array(3000).fill(1) },
  { at: 4096, size: 700, content: new Uint8Array(700).fill(2) },
  { at: 8192, size: 512, content: 'zeros' },
]);

const stick = (path: string, misfortune: Misfortune = {}): SimulatedDrive =>
  new SimulatedDrive(driveOf(path, { size }), misfortune);

async function written(
  sticks: readonly SimulatedDrive[],
  more: { readonly image?: DiskImage; stop?: { aborted: boolean } } = {},
): Promise<{ readonly results: readonly MediaResult[]; readonly told: readonly MediaProgress[] }> {
  const told: MediaProgress[] = [];
  const results = await writeMedia(
    sticks.map((drive) => ({
      target: drive.facts.path,
      open: async () => drive.open(),
      image: () => ok(more.image ?? image),
    })),
    {
      clock: new ManualClock(),
      contents: { read: async (file) => refuse('failed', `${file} is gone.`) },
      digest: (content) => createHash('sha256').update(content).digest('hex'),
      onProgress: (progress) => told.push(progress),
      onResult: () => undefined,
      stop: more.stop ?? { aborted: false },
    },
  );
  return { results, told };
}

describe('writing sticks', () => {
  test('puts the very image on each of them, and leaves what is between alone', async () => {
    const sticks = [stick('/dev/sdb'), stick('/dev/sdc'), stick('/dev/sdd')];
    const { results } = await written(sticks);
    expect(results.map(({ ok: good, bytes: count }) => [good, count])).toEqual(
      sticks.map(() => [true, 512 + 3072 + mebibytes(1) + 1024 + 512]),
    );
    for (const one of sticks) expect(Buffer.compare(one.content, bytesOf(image))).toBe(0);
    expect(new Set(results.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(sticks.map(({ isOpen }) => isOpen)).toEqual([false, false, false]);
  });

  test('goes on with the others when one is pulled out', async () => {
    const { results } = await written([stick('/dev/sdb'), stick('/dev/sdc', { vanishesAt: 3 })]);
    expect(results).toMatchObject([
      { target: '/dev/sdb', ok: true },
      { target: '/dev/sdc', ok: false, sentence: '/dev/sdc: vanished.' },
    ]);
  });

  test.each<readonly [string, Misfortune]>([
    ['full from the start', { fullAt: 1 }],
    ['full', { fullAt: 2 }],
    ['in use', { busy: true }],
    ['gone', { vanishesAt: 1 }],
  ])('does not try again what cannot come out better: %s', async (_what, misfortune) => {
    const one = stick('/dev/sdb', misfortune);
    const { results } = await written([one]);
    expect(results).toMatchObject([{ ok: false }]);
    expect(one.opened).toBeLessThanOrEqual(1);
  });

  test('refuses a stick whose switch was moved', async () => {
    const one = new SimulatedDrive(driveOf('/dev/sdb', { size, readOnly: true }));
    expect((await written([one])).results[0]).toMatchObject({
      ok: false,
      sentence: '/dev/sdb: read-only.',
    });
    expect(one.content.every((byte) => byte === 0xa5)).toBe(true);
  });

  test('tries once more after an error, and says so', async () => {
    const one = stick('/dev/sdb', { breaksAt: 3, once: true });
    const { results, told } = await written([one]);
    expect(results).toMatchObject([{ ok: true }]);
    expect(told.map(({ attempt }) => attempt)).toContain(2);
    expect(one.opened).toBe(2);
  });

  test('notices a stick that gives back something else, and where', async () => {
    const { results } = await written([stick('/dev/sdb', { rottenAt: mebibytes(1) + 5 })]);
    expect(results[0]?.sentence).toContain(
      `/dev/sdb does not give back what was written at byte ${mebibytes(1)}`,
    );
  });

  test.each<readonly [string, Misfortune, string]>([
    ['that took half a piece and said nothing', { shortAt: 3 }, 'does not give back what was'],
    ['that cannot be read where it was written', { deafAt: 600 }, '/dev/sdb: broken.'],
    ['that is pulled out while it is read back', { vanishesAtRead: 2 }, '/dev/sdb: vanished.'],
  ])('does not believe a stick %s', async (_what, misfortune, sentence) => {
    const one = stick('/dev/sdb', misfortune);
    const { results } = await written([one]);
    expect(results[0]?.sentence).toContain(sentence);
    expect(one.content.subarray(0, 512).every((byte) => byte === 0)).toBe(true);
    // What is gone stays gone; the others are tried twice.
    expect(one.opened).toBe(misfortune.vanishesAtRead === undefined ? 2 : 1);
  });

  test.each<readonly [string, Misfortune]>([
    ['took half a piece', { shortAt: 4, once: true }],
    ['could not be read back', { deafAt: mebibytes(1), once: true }],
    ['gave back something else', { rottenAt: 3, once: true }],
  ])('writes a stick that %s once more, whole', async (_what, misfortune) => {
    const one = stick('/dev/sdb', misfortune);
    const { results } = await written([one]);
    expect(results).toMatchObject([{ ok: true }]);
    expect([one.opened, Buffer.compare(one.content, bytesOf(image))]).toEqual([2, 0]);
  });

  test('notices it in the first sector, too, which is written last', async () => {
    const one = stick('/dev/sdb', { rottenAt: 3 });
    expect((await written([one])).results[0]?.sentence).toContain('at byte 0');
  });

  test('never leaves a stick that could boot unless all of it is right', async () => {
    const misfortunes: fc.Arbitrary<Misfortune> = fc.oneof(
      fc.record({ vanishesAt: fc.integer({ min: 2, max: 8 }) }),
      fc.record({ breaksAt: fc.integer({ min: 2, max: 8 }), once: fc.boolean() }),
      fc.record({ tornAt: fc.integer({ min: 2, max: 7 }), once: fc.boolean() }),
      fc.record({ fullAt: fc.integer({ min: 2, max: 8 }) }),
      fc.record({ rottenAt: fc.integer({ min: 0, max: 3000 }) }),
      // Not at the fifth, the first sector: a sector is taken whole or not at all.
      fc.record({ shortAt: fc.integer({ min: 2, max: 4 }), once: fc.boolean() }),
      fc.record({ deafAt: fc.integer({ min: 0, max: 3000 }), once: fc.boolean() }),
      // At the fourth, of the first sector, everything is right and nobody can take it back.
      fc.record({ vanishesAtRead: fc.integer({ min: 1, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(misfortunes, async (misfortune) => {
        const facts = driveOf('/dev/sdb', { size: bytes(small.size) });
        const one = new SimulatedDrive(facts, misfortune);
        const wanted = bytesOf(small);
        one.onWrite = ({ content }) => {
          // At every moment: either it begins with nothing, or everything behind is what it has to be.
          const empty = content.subarray(0, 512).every((byte) => byte === 0);
          if (!empty) expect(Buffer.compare(content, wanted)).toBe(0);
        };
        const { results } = await written([one], { image: small });
        const bootable = Buffer.compare(one.content.subarray(0, 512), begin) === 0;
        expect(results[0]?.ok).toBe(bootable);
      }),
      { numRuns: 150 },
    );
  });

  test('stops when whoever asked for it goes away, and says what that left', async () => {
    const one = stick('/dev/sdb');
    const stop = { aborted: false };
    one.onWrite = () => {
      stop.aborted = true;
    };
    const { results } = await written([one], { stop });
    expect(results[0]).toMatchObject({
      ok: false,
      sentence:
        'Writing /dev/sdb was interrupted and it does not boot; write it again or restore it.',
    });
    expect(one.opened).toBe(1);
  });

  test('does not blame the stick when its own files are gone', async () => {
    const lost = diskImage(size, [
      ...image.extents,
      { at: mebibytes(2) + 4096, size: 512, content: { file: '/cache/vmlinuz' } },
    ]);
    const one = stick('/dev/sdb');
    const { results } = await written([one], { image: lost });
    expect(results[0]).toMatchObject({ ok: false, sentence: '/cache/vmlinuz is gone.' });
    expect(one.opened).toBe(1);
  });
});

describe('how it goes is told', () => {
  test('from opening to verified, never backwards', async () => {
    const { told } = await written([stick('/dev/sdb')]);
    expect(told[0]).toMatchObject({ phase: 'opening', attempt: 1 });
    const phases = told.map(({ phase }) => phase);
    expect(phases.lastIndexOf('writing')).toBeLessThan(phases.indexOf('verifying'));
    for (const phase of ['writing', 'verifying']) {
      const done = told.filter((one) => one.phase === phase).map((one) => one.done);
      expect(done).toEqual([...done].sort((a, b) => a - b));
    }
  });

  test.each([
    ['writing', 100, 100, 10, 13_333],
    ['writing', 50, 100, 10, 8333],
    ['verifying', 50, 100, 10, 5000],
    ['verifying', 0, 100, 10, 0],
    ['writing', 50, 100, 0, null],
  ] as const)(
    '%s with %i of %i bytes left at %i a second: %s ms',
    (phase, left, total, pace, ms) => {
      expect(remainingTime(phase, left, total, pace)).toBe(ms);
    },
  );

  test('with no pace before any time has passed', () => {
    expect(paceOf(1000, 0)).toBe(0);
    expect(paceOf(1000, seconds(2))).toBe(500);
  });
});
