import { decodeBootEntry, type BootEntry } from '../../../src-member/core/own-system/boot-entry.ts';
import { ownSystems } from '../../../src-member/core/own-system/choose-own-system.ts';

// Entries of firmware as byte builders, and a few that every PC has.

export const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf16le');
export const pathNode = (
  type: number,
  subType: number,
  content: Buffer = Buffer.alloc(0),
): Buffer => {
  const length = content.length + 4;
  return Buffer.concat([Buffer.of(type, subType, length & 0xff, length >> 8), content]);
};
export const end = pathNode(0x7f, 0xff);
export const option = (
  description: string,
  nodes: readonly Buffer[],
  attributes = 1,
  more: Buffer = Buffer.from('optional data'),
): Buffer => {
  const path = Buffer.concat([...nodes, end]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(attributes, 0);
  head.writeUInt16LE(path.length, 4);
  return Buffer.concat([head, text(description), path, more]);
};
export const partitionOf = (table: 'gpt' | 'mbr', signature: number, first = 2048): Buffer => {
  const content = Buffer.alloc(38);
  content.writeUInt32LE(1, 0);
  content.writeUInt32LE(first, 4);
  content.writeUInt32LE(signature, 20);
  content.writeUInt8(table === 'gpt' ? 2 : 1, 36);
  content.writeUInt8(table === 'gpt' ? 2 : 1, 37);
  return pathNode(4, 1, content);
};
export const pci = [pathNode(2, 1, Buffer.alloc(8)), pathNode(1, 1, Buffer.alloc(2))];
export const esp = partitionOf('gpt', 0xe5);
export const sticks = partitionOf('mbr', 0x57);
export const usb = [...pci, pathNode(3, 5, Buffer.alloc(2))];
export const sata = [...pci, pathNode(3, 18, Buffer.alloc(6))];
export const nvme = [...pci, pathNode(3, 23, Buffer.alloc(12))];
export const mac = pathNode(3, 11, Buffer.alloc(33));
export const fileNode = (path: string): Buffer => pathNode(4, 4, text(path));
/** Firmware with CSM boots these as a BIOS does. */
export const bbs = (type: number, name = ''): Buffer =>
  pathNode(5, 1, Buffer.concat([Buffer.of(type, 0, 0, 0), Buffer.from(`${name}\0`)]));
export const vendorMessage = pathNode(3, 10, Buffer.alloc(17));

export const windows = option('Windows Boot Manager', [
  esp,
  fileNode('\\EFI\\Microsoft\\Boot\\bootmgfw.efi'),
]);
export const debian = option('debian', [esp, fileNode('\\EFI\\debian\\shimx64.efi')]);
export const stick = option('UEFI: SanDisk Ultra', usb);
export const wholeDisk = option('UEFI OS', sata);
export const network = option('UEFI: PXE IPv4', [mac]);
export const setup = option('Setup', [pathNode(4, 7, Buffer.alloc(16))]);

export const entries = (...options: readonly Buffer[]): readonly BootEntry[] =>
  options.map((one, number) => {
    const entry = decodeBootEntry(number, one);
    if (!entry) throw new Error('no entry');
    return entry;
  });

/** Started from the first one, all of them in the order. */
export const namesOf = (...options: readonly Buffer[]): readonly string[] =>
  ownSystems({ entries: entries(...options), order: options.map((_, at) => at), current: 0 }).map(
    ({ description }) => description,
  );
