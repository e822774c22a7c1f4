/** Bytes of a structure as its specification lists them, one field after the other; numbers are little-endian. */
export type Field = Uint8Array;

export const u8 = (value: number): Field => Uint8Array.of(value);
export const u16 = (value: number): Field => littleEndian(value, 2);
export const u32 = (value: number): Field => littleEndian(value, 4);
export const zeros = (size: number): Field => new Uint8Array(size);
export const raw = (...values: readonly number[]): Field => Uint8Array.from(values);

/** Plain ASCII, filled up with spaces. */
export function padded(text: string, size: number): Field {
  if (text.length > size) throw new Error(`"${text}" is longer than ${size} letters`);
  return ascii(text.padEnd(size));
}

export function ascii(text: string): Field {
  const codes = Array.from(text, (letter) => letter.charCodeAt(0));
  if (codes.some((code) => code > 0x7f)) throw new Error(`"${text}" is not plain ASCII`);
  return Uint8Array.from(codes);
}

/** The fields make `size` bytes, or the table that lists them is wrong. */
export function structure(size: number, fields: readonly Field[]): Uint8Array {
  const sum = fields.reduce((total, field) => total + field.length, 0);
  if (sum !== size) throw new Error(`fields of ${sum} bytes for a structure of ${size}`);
  return joined(fields);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function littleEndian(value: number, size: number): Field {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * size)) {
    throw new Error(`${value} does not fit into ${size} bytes`);
  }
  return Uint8Array.from({ length: size }, (_, at) => Math.floor(value / 2 ** (8 * at)) % 256);
}
