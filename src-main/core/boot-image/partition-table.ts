import { raw, structure, u16, u32, u8, zeros } from './byte-fields.ts';
import { sectorSize } from './disk-image.ts';

/** Partitions begin on a whole mebibyte; what lies before is the gap in which GRUB stands. */
export const firstPartitionSector = 2048;

/** FAT32 whose sectors are counted (LBA), as opposed to addressed by cylinder. */
const fat32Lba = 0x0c;
const active = 0x80;
/** Cylinder 1023, head 254, sector 63: "too far to be said this way". */
const beyondCylinders = raw(0xfe, 0xff, 0xff);

/** Size of the part of the first sector that is program; disk signature and table follow. */
export const bootCodeSize = 440;

/** INT 18h: the BIOS goes on to its next boot device. Then halt. */
export const nothingToBoot = raw(0xcd, 0x18, 0xf4, 0xeb, 0xfd);

/**
 * The first sector of a drive with one FAT32 partition that reaches from the first mebibyte over `sectors` sectors
 * ("Master boot record": UEFI 2.10 §5.2.1, table 5.1 and 5.2).
 */
export function masterBootRecord(wish: {
  readonly bootCode: Uint8Array;
  readonly diskSignature: number;
  readonly sectors: number;
  readonly bootable: boolean;
}): Uint8Array {
  const { bootCode, diskSignature, sectors, bootable } = wish;
  return structure(sectorSize, [
    bootCode.subarray(0, bootCodeSize),
    zeros(Math.max(0, bootCodeSize - bootCode.length)),
    u32(diskSignature), // unique disk signature
    u16(0), // not write-protected
    // First of four entries:
    u8(bootable ? active : 0), // boot indicator
    raw(0x20, 0x21, 0x00), // first sector by cylinder: head 32, sector 33, cylinder 0 is sector 2048
    u8(fat32Lba), // type
    beyondCylinders, // last sector by cylinder
    u32(firstPartitionSector), // first sector
    u32(sectors), // sectors
    zeros(3 * 16), // three empty entries
    u16(0xaa55), // signature: bytes 55 AA
  ]);
}
