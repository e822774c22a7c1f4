import { readFileSync, writeFileSync } from 'node:fs';
import {
  ascii,
  joined,
  raw,
  structure,
  u16,
  u32,
  zeros,
} from '../../../src-main/core/boot-image/byte-fields.ts';
import { diskImage, shifted } from '../../../src-main/core/boot-image/disk-image.ts';
import { fat32Shape } from '../../../src-main/core/boot-image/fat-shape.ts';
import { fatVolume } from '../../../src-main/core/boot-image/fat-volume.ts';
import {
  masterBootRecord,
  nothingToBoot,
} from '../../../src-main/core/boot-image/partition-table.ts';
import { bytesOf } from '../../unit/boot-image/image-bytes.ts';

const utf16 = (text: string): Uint8Array => Buffer.from(`${text}\0`, 'utf16le');

/** What a PC's own disk says on the first serial line when it is booted: a stand-in for Windows. */
export const ownSystemSays = 'the own system of this PC starts';

/** Writes the text at DS:SI to the serial line, letter by letter, and halts. */
const program = Buffer.from(
  [
    '31c0', // xor ax,ax
    '8ed8', // mov ds,ax
    'be157c', // mov si,text
    'ac', // next: lodsb
    '84c0', // test al,al
    '7406', // jz end
    'baf803', // mov dx,0x3f8
    'ee', // out dx,al
    'ebf5', // jmp next
    'f4', // end: hlt
    'ebfd', // jmp end
  ].join(''),
  'hex',
);

/**
 * A disk of 10 MiB whose first sector is that program, with one partition: a FAT16 volume where `readable`, else noise,
 * as an encrypted one looks.
 */
export function writeOwnDisk(file: string, readable: boolean): void {
  const disk = Buffer.alloc(10 * 1024 * 1024);
  program.copy(disk);
  disk.write(`${ownSystemSays}\r\n\0`, program.length, 'latin1');
  const sectors = disk.length / 512 - 2048;
  const entry = disk.subarray(446, 462);
  entry.writeUInt8(0x80, 0);
  entry.writeUInt8(7, 4);
  entry.writeUInt32LE(2048, 8);
  entry.writeUInt32LE(sectors, 12);
  disk.writeUInt16LE(0xaa55, 510);
  const volume = disk.subarray(2048 * 512);
  if (readable) writeFat16(volume, sectors);
  else
    for (let at = 0; at < volume.length; at += 2) volume.writeUInt16LE((at * 40503) % 65_536, at);
  writeFileSync(file, disk);
}

const mebibyte = 1024 * 1024;

/** A second partition of 4 MiB behind the first one, of the type that its MBR entry says. */
export function addPartition(file: string, type: number, begins: readonly [number, string]): void {
  const before = readFileSync(file);
  const disk = Buffer.concat([before, Buffer.alloc(4 * mebibyte)]);
  const [at, words] = begins;
  disk.write(words, before.length + at, 'latin1');
  const entry = disk.subarray(462, 478);
  entry.writeUInt8(type, 4);
  entry.writeUInt32LE(before.length / 512, 8);
  entry.writeUInt32LE((4 * mebibyte) / 512, 12);
  writeFileSync(file, disk);
}

/** Just enough of a boot sector for GRUB to know what it is. */
function writeFat16(volume: Buffer, sectors: number): void {
  volume.write('\xeb\x3c\x90MSDOS5.0', 0, 'latin1');
  volume.writeUInt16LE(512, 11);
  volume.writeUInt8(4, 13); // sectors per cluster
  volume.writeUInt16LE(1, 14); // reserved
  volume.writeUInt8(2, 16); // tables
  volume.writeUInt16LE(512, 17); // root entries
  volume.writeUInt16LE(sectors, 19);
  volume.writeUInt8(0xf8, 21);
  volume.writeUInt16LE(20, 22); // sectors per table
  volume.write('FAT16   ', 54, 'latin1');
  volume.writeUInt16LE(0xaa55, 510);
  for (const table of [1, 21]) volume.writeUInt32LE(0xfffffff8, table * 512);
}

/** Where firmware finds a program on a disk without being told, and where only an entry of its own leads. */
const [fallback, windows] = ['EFI/BOOT/BOOTX64.EFI', 'EFI/Microsoft/Boot/bootmgfw.efi'];

/** The same for UEFI, as a program that firmware finds on a disk without being told. */
export const writeUefiDisk = (file: string): void => writeDiskWith(file, fallback);

/** The same where Windows has it: started by the entry of `windowsBootEntry` and by nothing else. */
export const writeWindowsDisk = (file: string): void => writeDiskWith(file, windows);

const [firstSector, diskSignature, diskSize] = [2048, 0x4e_49_47_48, 40 * 1024 * 1024];

function writeDiskWith(file: string, path: string): void {
  const size = diskSize;
  const shape = fat32Shape(size / 512 - firstSector, 1);
  const content = efiProgram();
  const record = masterBootRecord({
    bootCode: nothingToBoot,
    diskSignature,
    sectors: shape.sectors,
    bootable: false,
  });
  const volume = fatVolume(shape, { label: 'OWN', serial: 1 }, [
    { path, size: content.length, content },
  ]);
  const disk = bytesOf(
    diskImage(size, [{ at: 0, size: 512, content: record }, ...shifted(volume, firstSector * 512)]),
    0,
  );
  writeFileSync(file, disk);
}

/** "Windows Boot Manager" as its setup leaves it with the firmware: an EFI_LOAD_OPTION (UEFI 2.10 §3.1.3). */
export function windowsBootEntry(): Uint8Array {
  const path = utf16(`\\${windows.replaceAll('/', '\\')}`);
  const sectors = diskSize / 512 - firstSector;
  const places = joined([
    ...[raw(4, 1), u16(42), u32(1)], // a partition of a disk: the first
    ...[u32(firstSector), u32(0), u32(sectors), u32(0)],
    ...[u32(diskSignature), zeros(12), raw(1, 1)], // as its MBR names it
    ...[raw(4, 4), u16(4 + path.length), path],
    ...[raw(0x7f, 0xff), u16(4)], // the end
  ]);
  return joined([u32(1), u16(places.length), utf16('Windows Boot Manager'), places]);
}

const writesItsText = Buffer.from(
  [
    '488d350f000000', // lea rsi,[rip+15]: text
    'ac', // next: lodsb
    '84c0', // test al,al
    '7407', // jz end
    '66baf803', // mov dx,0x3f8
    'ee', // out dx,al
    'ebf4', // jmp next
    'f4', // end: hlt
    'ebfd', // jmp end
  ].join(''),
  'hex',
);

/** The least that firmware takes for a program: PE32+ with one section (Microsoft: "PE Format"). */
function efiProgram(): Uint8Array {
  const code = Buffer.concat([writesItsText, Buffer.from(`${ownSystemSays}\r\n\0`, 'latin1')]);
  return structure(1024, [
    ascii('MZ'),
    zeros(58),
    u32(64), // where the header is
    ascii('PE'),
    zeros(2),
    u16(0x8664), // machine: x86-64
    u16(1), // sections
    zeros(12), // time, symbols
    u16(240), // size of the optional header
    u16(0x22), // executable, large addresses
    u16(0x20b), // PE32+
    zeros(2), // linker
    u32(512), // size of the code
    zeros(8), // size of data
    u32(0x1000), // entry
    u32(0x1000), // base of the code
    zeros(8), // image base: anywhere
    u32(0x1000), // alignment in memory
    u32(512), // alignment in the file
    zeros(16), // versions, reserved
    u32(0x2000), // size in memory
    u32(512), // size of the headers
    zeros(4), // checksum
    u16(10), // subsystem: EFI application
    zeros(2), // DLL characteristics
    zeros(32), // stack and heap
    zeros(4), // loader flags
    u32(16), // directories, all empty
    zeros(16 * 8),
    ascii('.text\0\0\0'),
    u32(512), // size in memory
    u32(0x1000), // address
    u32(512), // size in the file
    u32(512), // place in the file
    zeros(12), // relocations, line numbers
    u32(0x60000020), // code, executable, readable
    zeros(512 - 64 - 24 - 240 - 40),
    code,
    zeros(512 - code.length),
  ]);
}
