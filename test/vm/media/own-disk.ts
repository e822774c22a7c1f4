import { writeFileSync } from 'node:fs';

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
