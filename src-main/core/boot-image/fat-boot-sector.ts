import { ascii, padded, raw, structure, u16, u32, u8, zeros } from './byte-fields.ts';
import { sectorSize } from './disk-image.ts';
import { floppyTrack, tables, type FatShape } from './fat-shape.ts';
import { firstPartitionSector, nothingToBoot } from './partition-table.ts';

/** FAT32 keeps a copy of the first sectors here. */
export const backupSector = 6;
export const rootCluster32 = 2;

export interface VolumeName {
  /** At most eleven letters. */
  readonly label: string;
  /** What Windows shows as `1A2B-3C4D`. */
  readonly serial: number;
}

/** Boot sector of a FAT32 partition: BPB (bytes 11–35), its extension for FAT32 (36–89), code. */
export function fat32BootSector(shape: FatShape, { label, serial }: VolumeName): Uint8Array {
  return structure(sectorSize, [
    raw(0xeb, 0x58, 0x90), // jump over what follows, to byte 90
    ascii('MSWIN4.1'), // who made it; some old firmware wants this name
    u16(sectorSize), // bytes per sector
    u8(shape.perCluster), // sectors per cluster
    u16(shape.reserved), // sectors before the first table
    u8(tables), // tables
    u16(0), // entries of the root folder: only FAT12 and FAT16
    u16(0), // sectors, if they fit into 16 bits
    u8(0xf8), // media: no floppy
    u16(0), // sectors per table: only FAT12 and FAT16
    u16(63), // sectors per track
    u16(255), // heads
    u32(firstPartitionSector), // sectors before the partition
    u32(shape.sectors), // sectors
    u32(shape.perTable), // sectors per table
    u16(0), // both tables are kept alike
    u16(0), // version
    u32(rootCluster32), // first cluster of the root folder
    u16(1), // sector of the free-cluster count
    u16(backupSector), // sector of the copy of this sector
    zeros(12), // reserved
    u8(0x80), // BIOS drive
    u8(0), // reserved
    u8(0x29), // the next three fields are there
    u32(serial), // serial number
    padded(label, 11), // label; the root folder has it too
    ascii('FAT32   '), // never to be trusted, says the specification
    nothingToBoot,
    zeros(510 - 90 - nothingToBoot.length),
    u16(0xaa55), // signature
  ]);
}

/** FSInfo: how much is free, to save a search. */
export function freeClusterCount(free: number, next: number): Uint8Array {
  return structure(sectorSize, [
    u32(0x41615252), // lead signature
    zeros(480), // reserved
    u32(0x61417272), // signature
    u32(free), // free clusters
    u32(next), // where to look for them first
    zeros(12), // reserved
    u32(0xaa550000), // trailing signature
  ]);
}

/** The BPB of a floppy stands in GRUB's boot sector, which leaves bytes 3–89 to it. */
export function floppyBootSector(
  bootCode: Uint8Array,
  shape: FatShape,
  { label, serial }: VolumeName,
): Uint8Array {
  return structure(sectorSize, [
    bootCode.subarray(0, 3), // jump over what follows
    ascii('MSDOS5.0'), // who made it
    u16(sectorSize), // bytes per sector
    u8(shape.perCluster), // sectors per cluster
    u16(shape.reserved), // sectors before the first table: this one and the boot loader
    u8(tables), // tables
    u16(shape.rootEntries), // entries of the root folder
    u16(shape.sectors), // sectors
    u8(0xf0), // media: a floppy of 3½ inches
    u16(shape.perTable), // sectors per table
    u16(floppyTrack.sectors), // sectors per track
    u16(floppyTrack.heads), // heads
    u32(0), // sectors before the volume
    u32(0), // sectors, if they do not fit into 16 bits
    u8(0), // BIOS drive
    u8(0), // reserved
    u8(0x29), // the next three fields are there
    u32(serial), // serial number
    padded(label, 11), // label
    ascii('FAT12   '), // never to be trusted
    zeros(90 - 62), // the rest of GRUB's gap
    bootCode.subarray(90, 510),
    u16(0xaa55), // signature
  ]);
}
