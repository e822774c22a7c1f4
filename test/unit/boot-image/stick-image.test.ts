import { describe, expect, test } from 'vitest';
import { bytes, gibibytes, mebibytes } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { sectorSize, type DiskImage } from '../../../src-main/core/boot-image/disk-image.ts';
import { floppyImage, floppySize } from '../../../src-main/core/boot-image/floppy-image.ts';
import {
  ordinaryStick,
  stickImage,
  stickSize,
  type StickWish,
} from '../../../src-main/core/boot-image/stick-image.ts';
import { readFat } from './fat-reader.ts';
import { bytesOf } from './image-bytes.ts';
import { inWords } from '../../in-words.ts';

const some = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);
const stored = (file: string, size: number) => ({ file, size });
const wish: StickWish = {
  lab: 'Room 12',
  hours: null,
  kernelOptions: '',
  loaders: {
    boot: some(512, 0xb0),
    core: some(150_000, 0xc0),
    shim: stored('shim', 1_000_000),
    grub: stored('grub', 2_500_000),
    mokManager: stored('mok', 800_000),
  },
  kernel: stored('kernel', 12_000_000),
  parts: [stored('base', 50_000_000), stored('start', 1_000_000)],
  identity: some(512, 0x1d),
  serial: 0x12345678,
};

const made = (result: ReturnType<typeof stickImage>): DiskImage => {
  if (!result.ok) throw new Error(refusalWords(result.error));
  return result.value;
};
/** Files are not read here. */
const withoutFiles = (image: DiskImage): DiskImage => ({
  ...image,
  extents: image.extents.map((extent) =>
    extent.content instanceof Uint8Array ? extent : { ...extent, content: 'zeros' as const },
  ),
});

describe('a boot stick', () => {
  const size = stickSize(wish);
  const stick = bytesOf(withoutFiles(made(stickImage(size, wish))));

  test('has one bootable FAT32 partition from the first mebibyte to the end', () => {
    expect(Buffer.from(stick.subarray(440, 512)).toString('hex')).toBe(
      '78563412' + // disk signature
        '0000' + // not write-protected
        '80' + // boot it
        '202100' + // head 32, sector 33, cylinder 0
        '0c' + // FAT32, LBA
        'feffff' + // beyond cylinders
        '00080000' + // sector 2048
        '00000800' + // 524288 sectors
        '00'.repeat(48) +
        '55aa',
    );
  });

  test('begins with GRUB, whose core stands in the gap', () => {
    expect(stick.subarray(0, 440)).toEqual(some(440, 0xb0));
    expect(stick.subarray(512, 512 + 150_000)).toEqual(some(150_000, 0xc0));
  });

  test('leaves nothing in the gap of what was on the drive before', () => {
    const end = 512 + Math.ceil(150_000 / 512) * 512;
    expect(stick.subarray(end, mebibytes(1)).every((byte) => byte === 0)).toBe(true);
  });

  test('has a file for every firmware', () => {
    const { label, files } = readFat(stick.subarray(mebibytes(1)));
    expect(label).toBe('NIGHTSHIFT');
    expect(files.map(({ path, content }) => [path, content.length])).toEqual([
      ['EFI/BOOT/BOOTX64.EFI', 1_000_000],
      ['EFI/BOOT/grubx64.efi', 2_500_000],
      ['EFI/BOOT/mmx64.efi', 800_000],
      ['EFI/debian/grub.cfg', expect.any(Number)],
      ['boot/grub/grub.cfg', expect.any(Number)],
      ['boot/grub/empty', 77],
      ['vmlinuz', 12_000_000],
      ['system.img', 50_000_000],
      ['start.img', 1_000_000],
      ['identity.cpio', 512],
      ['README.TXT', expect.any(Number)],
    ]);
  });

  test('is the same for the same wish, and differs between sticks', () => {
    const again = bytesOf(withoutFiles(made(stickImage(size, wish))));
    expect(Buffer.compare(stick, again)).toBe(0);
    const other = bytesOf(withoutFiles(made(stickImage(size, { ...wish, serial: 7 }))));
    expect(Buffer.compare(stick, other)).not.toBe(0);
  });

  test('is refused to a drive that is too small, with what it takes', () => {
    const small = stickImage(bytes(mebibytes(128)), wish);
    expect(inWords(small)).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('128 MiB and a boot stick takes 257') as string },
    });
  });

  test('makes old tables at the end of a large drive unreadable and touches nothing between', () => {
    const large = made(stickImage(gibibytes(16), wish));
    const last = large.extents.at(-1);
    expect(last).toEqual({
      at: gibibytes(16) - mebibytes(1),
      size: mebibytes(1),
      content: 'zeros',
    });
    const end = Math.max(...large.extents.slice(0, -1).map(({ at, size: length }) => at + length));
    expect(end).toBeLessThanOrEqual(size);
  });

  test('grows with a larger image', () => {
    const larger = { ...wish, parts: [stored('base', 400_000_000), wish.parts[1]] as const };
    expect(stickSize(larger)).toBeGreaterThan(stickSize(wish));
    expect(made(stickImage(stickSize(larger), larger)).size).toBe(stickSize(larger));
  });
});

describe('a restored stick', () => {
  test.each([300, 2048, 16 * 1024, 64 * 1024, 1024 * 1024])(
    'of %i MiB is one empty FAT32 volume that nothing boots from',
    (size) => {
      const image = made(ordinaryStick(mebibytes(size), 9));
      const first = image.extents[0]?.content as Uint8Array;
      expect(first[446]).toBe(0);
      expect([...first.subarray(0, 2)]).toEqual([0xcd, 0x18]);
      const sectors = new DataView(first.buffer).getUint32(458, true);
      expect((2048 + sectors) * sectorSize).toBe(mebibytes(size));
    },
  );

  test.each([64, 2048, 100_000])(
    'leaves nothing of a GPT, neither at the beginning nor at the end of %i MiB',
    (size) => {
      const { extents } = made(ordinaryStick(mebibytes(size), 9));
      const last = extents.at(-1);
      expect(last?.content).toBe('zeros');
      expect(last && [last.at, last.at + last.size]).toEqual([
        ...[mebibytes(size - 1), mebibytes(size)],
      ]);
    },
  );

  test('reads as empty', () => {
    const image = made(ordinaryStick(mebibytes(64), 9));
    expect(readFat(bytesOf(image).subarray(mebibytes(1))).files).toEqual([]);
  });

  test('is refused to a drive too small for FAT32', () => {
    expect(ordinaryStick(mebibytes(16), 9).ok).toBe(false);
  });
});

describe('a boot floppy', () => {
  const floppyWish = {
    lab: 'Room 12',
    hours: null,
    kernelOptions: '',
    serial: 1,
    entrance: 'http://192.168.7.1:7413/boot.ipxe',
    loaders: { boot: some(512, 0xb0), core: some(155_000, 0xc0), ipxe: some(351_000, 0x1e) },
  };

  test('has exactly the size of a floppy, and everything on it', () => {
    const floppy = bytesOf(made(floppyImage(floppyWish)));
    expect(floppy.length).toBe(1_474_560);
    const { files } = readFat(floppy);
    expect(files.map(({ path }) => path)).toEqual(['boot/grub/grub.cfg', 'ipxe.lkrn', 'lab.ipxe']);
    expect(Uint8Array.from(files[1]?.content ?? [])).toEqual(some(351_000, 0x1e));
    expect(Buffer.from(files[2]?.content ?? []).toString()).toContain(floppyWish.entrance);
  });

  test("keeps GRUB's program around its own table of facts", () => {
    const floppy = bytesOf(made(floppyImage(floppyWish)));
    expect(floppy.subarray(0, 3)).toEqual(some(3, 0xb0));
    expect(floppy.subarray(90, 510)).toEqual(some(420, 0xb0));
    expect(floppy.subarray(512, 512 + 155_000)).toEqual(some(155_000, 0xc0));
  });

  test('says so when the loaders have outgrown it', () => {
    const loaders = { ...floppyWish.loaders, ipxe: some(1_400_000, 0) };
    expect(floppyImage({ ...floppyWish, loaders }).ok).toBe(false);
    expect(floppySize).toBe(1_474_560);
  });
});
