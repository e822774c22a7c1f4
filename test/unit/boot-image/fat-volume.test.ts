import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canBeFat32,
  fat32Shape,
  floppyShape,
  usualClusterOf,
} from '../../../src-main/core/boot-image/fat-shape.ts';
import { fatVolume, type VolumeFile } from '../../../src-main/core/boot-image/fat-volume.ts';
import { checksumOf } from '../../../src-main/core/boot-image/fat-names.ts';
import { readFat } from './fat-reader.ts';
import { bytesOf } from './image-bytes.ts';

const name = { label: 'NIGHTSHIFT', serial: 0x1a2b3c4d };
const bootCode = new Uint8Array(512).fill(0x90);
const file = (path: string, content: Uint8Array): VolumeFile => ({
  path,
  size: content.length,
  content,
});

/** Names as people and distributions give them, no two of which differ in case only. */
const pathParts = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,24}[A-Za-z0-9]$/);
const someFiles = fc
  .uniqueArray(
    fc.record({
      path: fc.array(pathParts, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      content: fc.uint8Array({ maxLength: 3000 }),
    }),
    { selector: ({ path }) => path.toLowerCase(), maxLength: 20 },
  )
  // A file and a folder cannot share a name.
  .filter((files) =>
    files.every(({ path }) =>
      files.every((other) => !other.path.toLowerCase().startsWith(`${path.toLowerCase()}/`)),
    ),
  )
  .filter((files) => {
    const folders = files.flatMap(({ path }) =>
      path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/')),
    );
    return new Set(folders).size === new Set(folders.map((one) => one.toLowerCase())).size;
  })
  .map((files) => files.map(({ path, content }) => file(path, content)));

const sorted = (files: readonly { path: string; content: unknown }[]) =>
  files
    .map(({ path, content }) => [path, Buffer.from(content as Uint8Array).toString('hex')])
    .sort();

describe('a FAT volume', () => {
  test('gives back whatever was put on a floppy, however it is named', () => {
    fc.assert(
      fc.property(someFiles, fc.integer({ min: 0, max: 400 }), (files, loader) => {
        const shape = floppyShape(loader);
        const extents = fatVolume(shape, name, files, bootCode);
        const read = readFat(bytesOf({ size: shape.sectors * 512, extents }));
        expect(read.label).toBe('NIGHTSHIFT');
        expect(sorted(read.files)).toEqual(sorted(files as never));
      }),
      { numRuns: 60 },
    );
  });

  test('gives back whatever was put on a stick', () => {
    const shape = fat32Shape(70_000 * 1, 1);
    fc.assert(
      fc.property(someFiles, (files) => {
        const extents = fatVolume(shape, name, files);
        const read = readFat(bytesOf({ size: shape.sectors * 512, extents }));
        expect(read.label).toBe('NIGHTSHIFT');
        expect(sorted(read.files)).toEqual(sorted(files as never));
      }),
      { numRuns: 15 },
    );
  });

  test('keeps a copy of its boot sector that is the same', () => {
    const shape = fat32Shape(70_000, 1);
    const bytes = bytesOf({ size: shape.sectors * 512, extents: fatVolume(shape, name, []) });
    expect(bytes.subarray(6 * 512, 8 * 512)).toEqual(bytes.subarray(0, 2 * 512));
    expect(bytes.subarray(shape.reserved * 512, (shape.reserved + shape.perTable) * 512)).toEqual(
      bytes.subarray((shape.reserved + shape.perTable) * 512, shape.dataStart * 512),
    );
  });

  test('says so when the files do not fit', () => {
    const large = file('large', new Uint8Array(1_500_000));
    expect(() => fatVolume(floppyShape(0), name, [large], bootCode)).toThrow('do not fit');
  });

  test('covers every sector with its clusters and its tables with every cluster, at any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 66_700, max: 2 ** 32 - 1 }), (sectors) => {
        const perCluster = usualClusterOf(sectors);
        const shape = fat32Shape(sectors, perCluster);
        expect(shape.dataStart + shape.clusters * perCluster).toBeLessThanOrEqual(sectors);
        expect(sectors - shape.dataStart - shape.clusters * perCluster).toBeLessThan(perCluster);
        expect(shape.perTable * 128).toBeGreaterThanOrEqual(shape.clusters + 2);
        expect(shape.reserved).toBeGreaterThanOrEqual(32);
        expect(shape.reserved).toBeLessThan(65_536);
        expect(canBeFat32(sectors, perCluster)).toBe(true);
      }),
    );
  });

  test('has the checksum of short names that Windows computes', () => {
    // Worked by hand: rotate right by one, add the next letter.
    expect(checksumOf('A          ')).toBe(
      [...'A          '].reduce(
        (sum, letter) => (((sum >> 1) | ((sum & 1) << 7)) + letter.charCodeAt(0)) % 256,
        0,
      ),
    );
  });
});
