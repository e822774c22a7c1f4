import { bytes, mebibytes, type Bytes } from '../../../shared/base/units.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { bootMenu, emptySector, stickFiles, type MenuWish } from './boot-menu.ts';
import { ascii, zeros } from './byte-fields.ts';
import {
  diskImage,
  sectorSize,
  sectorsOf,
  shifted,
  wholeSectors,
  type DiskImage,
  type Extent,
} from './disk-image.ts';
import { canBeFat32, fat32Shape, usualClusterOf } from './fat-shape.ts';
import { fatVolume, type VolumeFile } from './fat-volume.ts';
import { firstPartitionSector, masterBootRecord, nothingToBoot } from './partition-table.ts';

export interface ImageFile {
  readonly file: string;
  readonly size: number;
}

/** Debian's boot programs, as they come. */
export interface StickLoaders {
  /** GRUB for BIOS: what goes into the first sector, and what into the gap before the partition. */
  readonly boot: Uint8Array;
  readonly core: Uint8Array;
  /** For UEFI: signed by Microsoft; GRUB and MOK manager by Debian, whom shim trusts. */
  readonly shim: ImageFile;
  readonly grub: ImageFile;
  readonly mokManager: ImageFile;
}

export interface StickWish extends MenuWish {
  readonly loaders: StickLoaders;
  readonly kernel: ImageFile;
  /** The member system, and what starts it: two archives that are unpacked one after the other. */
  readonly parts: readonly [base: ImageFile, start: ImageFile];
  /** Archive with the lab's identity, the last one. */
  readonly identity: Uint8Array;
  /** Any number; sticks should differ. */
  readonly serial: number;
}

export const stickLabel = 'NIGHTSHIFT';
const gap = firstPartitionSector * sectorSize;
/** 2 KiB: enough clusters for FAT32 in a small volume. */
const perCluster = 4;
/** Smallest volume that these clusters make a FAT32 of, with room to spare. */
const smallestVolume = mebibytes(256);
/** Folders, tables and the ends of files. */
const spare = mebibytes(16);

/** How large a drive or file has to be. */
export function stickSize(wish: Pick<StickWish, 'loaders' | 'kernel' | 'parts'>): Bytes {
  const { loaders, kernel, parts } = wish;
  const content = [kernel, ...parts, loaders.shim, loaders.grub, loaders.mokManager].reduce(
    (sum, { size }) => sum + size,
    0,
  );
  const whole = Math.ceil((content + spare) / mebibytes(1)) * mebibytes(1);
  return bytes(gap + Math.max(smallestVolume, whole));
}

/** What a boot stick of `size` bytes holds. The volume is as large as it has to be, wherever it lies. */
export function stickImage(size: Bytes, wish: StickWish): Result<DiskImage> {
  const needed = stickSize(wish);
  if (size < needed) {
    return refuse(
      'refused',
      `The drive has ${Math.floor(size / mebibytes(1))} MiB and a boot stick takes ${Math.ceil(needed / mebibytes(1))}; take a larger one.`,
    );
  }
  const { loaders, serial } = wish;
  const shape = fat32Shape(sectorsOf(needed - gap), perCluster);
  const volume = fatVolume(shape, { label: stickLabel, serial }, filesOf(wish));
  const record = masterBootRecord({
    bootCode: loaders.boot,
    diskSignature: serial,
    sectors: shape.sectors,
    bootable: true,
  });
  return ok(
    diskImage(size, [
      ...gapWith(record, loaders.core),
      ...shifted(volume, gap),
      ...cleanTail(size, needed),
    ]),
  );
}

/** An ordinary empty stick: one FAT32 partition over the whole drive. */
export function ordinaryStick(size: Bytes, serial: number): Result<DiskImage> {
  const sectors = Math.min(Math.floor(size / sectorSize) - firstPartitionSector, 0xffff_ffff);
  const cluster = usualClusterOf(sectors);
  if (sectors <= 0 || !canBeFat32(sectors, cluster)) {
    return refuse('refused', 'The drive is too small for an ordinary FAT32 volume.');
  }
  const shape = fat32Shape(sectors, cluster);
  const record = masterBootRecord({
    bootCode: nothingToBoot,
    diskSignature: serial,
    sectors,
    bootable: false,
  });
  const volume = fatVolume(shape, { label: 'USB STICK', serial }, []);
  const content = shifted(volume, gap);
  // The volume reaches to the end of the drive, and is empty there: what stands at its beginning is all there is of it.
  const end = Math.max(...content.map(({ at, size: length }) => at + wholeSectors(length)));
  return ok(diskImage(size, [...gapWith(record, zeros(0)), ...content, ...cleanTail(size, end)]));
}

/** The first mebibyte. What was there before, a GPT or another file system's mark, must not be found any more. */
function gapWith(record: Uint8Array, core: Uint8Array): readonly Extent[] {
  const coreEnd = sectorSize + wholeSectors(core.length);
  if (coreEnd > gap) throw new Error(`GRUB's core of ${core.length} bytes does not fit the gap`);
  return [
    { at: 0, size: sectorSize, content: record },
    { at: sectorSize, size: core.length, content: core },
    { at: coreEnd, size: gap - coreEnd, content: 'zeros' },
  ];
}

/** A GPT has its copy at the end of the drive. */
function cleanTail(size: number, from: number): readonly Extent[] {
  const whole = Math.floor(size / sectorSize) * sectorSize;
  const at = Math.max(from, whole - mebibytes(1));
  return at < whole ? [{ at, size: whole - at, content: 'zeros' }] : [];
}

function filesOf(wish: StickWish): readonly VolumeFile[] {
  const { loaders, kernel, parts, identity } = wish;
  const menu = ascii(bootMenu(wish));
  const stored = (path: string, { file, size }: ImageFile): VolumeFile => ({
    path,
    size,
    content: { file },
  });
  const held = (path: string, content: Uint8Array): VolumeFile => ({
    path,
    size: content.length,
    content,
  });
  return [
    // Where firmware looks on a removable drive (UEFI 2.10 §3.5.1.1), and shim beside itself.
    stored('EFI/BOOT/BOOTX64.EFI', loaders.shim),
    stored('EFI/BOOT/grubx64.efi', loaders.grub),
    stored('EFI/BOOT/mmx64.efi', loaders.mokManager),
    // Where Debian's signed GRUB looks, and the one in the gap.
    held('EFI/debian/grub.cfg', menu),
    held('boot/grub/grub.cfg', menu),
    held(emptySector.path.slice(1), ascii(emptySector.text)),
    stored(stickFiles.kernel, kernel),
    stored(stickFiles.base, parts[0]),
    stored(stickFiles.start, parts[1]),
    held(stickFiles.identity, identity),
    held('README.TXT', ascii(readme(wish.lab))),
  ];
}

const readme = (lab: string): string =>
  [
    `Boot stick of the Nightshift lab "${lab.replaceAll(/[^\x20-\x7e]/g, '_')}".`,
    '',
    'Plug it into a PC of the lab and start the PC from it (often F12, F9 or Esc at its start).',
    "The PC's disks are not touched. Take the stick out and restart, and the PC is what it was.",
    'This stick lets PCs into the lab: keep it like a key.',
    '`nightshift media restore` makes it an ordinary empty stick again.',
    '',
  ].join('\r\n');
