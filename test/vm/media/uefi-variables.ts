import { readFileSync, writeFileSync } from 'node:fs';
import { joined, raw, u16, u32, zeros } from '../../../src-main/core/boot-image/byte-fields.ts';

/** EFI_GLOBAL_VARIABLE, 8be4df61-93ca-11d2-aa0d-00e098032b8c, as it lies in memory. */
const globalVariable = raw(
  ...[0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11],
  ...[0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c],
);
/** After the headers of the firmware volume (its own length is at 48) and of the store in it. */
const firstIn = (store: Buffer): number => store.readUInt16LE(48) + 28;
const [begins, added] = [0x55aa, 0x3f];
/** Kept over resets, seen by firmware and by systems. */
const kept = 7;
const headerSize = 60;
const aligned = (at: number): number => (at + 3) & ~3;

/**
 * Puts a variable of the specification's own into a file of OVMF's variables, as if the firmware had stored it: the layout
 * is AUTHENTICATED_VARIABLE_HEADER (EDK II, MdeModulePkg/Include/Guid/VariableFormat.h).
 */
export function addVariable(file: string, name: string, content: Uint8Array): void {
  const store = readFileSync(file);
  let at = firstIn(store);
  while (store.readUInt16LE(at) === begins) {
    at = aligned(at + headerSize + store.readUInt32LE(at + 36) + store.readUInt32LE(at + 40));
  }
  const nameBytes = Buffer.from(`${name}\0`, 'utf16le');
  const variable = joined([
    ...[u16(begins), raw(added, 0), u32(kept)],
    ...[zeros(8), zeros(16), u32(0)], // count, time and key of signed ones
    ...[u32(nameBytes.length), u32(content.length), globalVariable, nameBytes, content],
  ]);
  store.set(variable, at);
  writeFileSync(file, store);
}
