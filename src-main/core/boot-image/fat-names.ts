import { ascii, padded, structure, u16, u32, u8, zeros } from './byte-fields.ts';
import { entrySize } from './fat-shape.ts';

export const attribute = {
  volumeLabel: 0x08,
  folder: 0x10,
  archive: 0x20,
  longName: 0x0f,
} as const;

/** Files bear the day Debian 13 was released, so that equal contents make equal bytes: 2025-08-09, 00:00. */
const date = ((2025 - 1980) << 9) | (8 << 5) | 9;

/** Eight letters and an ending of three, filled up with spaces, without the dot. */
export type ShortName = string;

export interface NameInFolder {
  readonly name: string;
  readonly attributes: number;
  readonly firstCluster: number;
  /** Bytes; 0 for folders. */
  readonly size: number;
}

/** A folder's entries for a list of names; each that is no short name in capitals gets entries with its long one. */
export function folderEntries(names: readonly NameInFolder[]): readonly Uint8Array[] {
  const taken = new Set<ShortName>();
  return names.flatMap((entry) => {
    const short = shortNameFor(entry.name, taken);
    taken.add(short);
    const long = spelled(short) === entry.name ? [] : longNameEntries(entry.name, short);
    return [...long, shortEntry(short, entry)];
  });
}

export const labelEntry = (label: string): Uint8Array =>
  shortEntry(label.padEnd(11), { attributes: attribute.volumeLabel, firstCluster: 0, size: 0 });

/** `.` and `..`; the root folder has neither, and `..` of its children says cluster 0. */
export const dotEntries = (own: number, parent: number): readonly Uint8Array[] =>
  (
    [
      ['.', own],
      ['..', parent],
    ] as const
  ).map(([name, firstCluster]) =>
    shortEntry(name.padEnd(11), { attributes: attribute.folder, firstCluster, size: 0 }),
  );

function shortEntry(
  short: ShortName,
  { attributes, firstCluster, size }: Omit<NameInFolder, 'name'>,
): Uint8Array {
  return structure(entrySize, [
    padded(short, 11), // name and ending
    u8(attributes),
    u8(0), // reserved
    u8(0), // made: hundredths of a second
    u16(0), // made: time
    u16(date), // made: date
    u16(date), // read: date
    u16(Math.floor(firstCluster / 0x10000)), // first cluster, upper half
    u16(0), // written: time
    u16(date), // written: date
    u16(firstCluster % 0x10000), // first cluster, lower half
    u32(size), // bytes
  ]);
}

const lettersEach = 13;
const lastPiece = 0x40;

/** Stand before the short entry, the end of the name first (section "Long file name implementation"). */
function longNameEntries(name: string, short: ShortName): readonly Uint8Array[] {
  const codes = Array.from({ length: name.length }, (_, at) => name.charCodeAt(at));
  const pieces = Math.ceil(codes.length / lettersEach);
  // A name that does not fill its last piece ends with one 0 and is filled up with FFFF.
  const letters = Array.from(
    { length: pieces * lettersEach },
    (_, at) => codes[at] ?? (at === codes.length ? 0 : 0xffff),
  );
  return Array.from({ length: pieces }, (_, piece) => {
    const [from, order] = [piece * lettersEach, piece + 1];
    const part = (begin: number, end: number): readonly Uint8Array[] =>
      letters.slice(from + begin, from + end).map(u16);
    return structure(entrySize, [
      u8(order === pieces ? order | lastPiece : order),
      ...part(0, 5),
      u8(attribute.longName),
      u8(0), // type: a piece of a name
      u8(checksumOf(short)), // which short entry it belongs to
      ...part(5, 11),
      zeros(2), // where others have their first cluster
      ...part(11, 13),
    ]);
  }).reverse();
}

/** Rotates right and adds, over the eleven letters. */
export const checksumOf = (short: ShortName): number =>
  ascii(short).reduce((sum, code) => (((sum & 1) << 7) + (sum >> 1) + code) & 0xff, 0);

/** `VMLINUZ` as it is; `identity.cpio` becomes `IDENTI~1.CPI`. */
function shortNameFor(name: string, taken: ReadonlySet<ShortName>): ShortName {
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : [name, ''];
  const clean = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9_-]/g, '');
  const [base, end] = [clean(stem), clean(ending).slice(0, 3).padEnd(3)];
  const fits = base === stem.toUpperCase() && base.length <= 8 && ending.length <= 3;
  const plain = base.padEnd(8) + end;
  if (fits && base !== '' && !taken.has(plain)) return plain;
  for (let number = 1; ; number += 1) {
    const tail = `~${number}`;
    const short = (base.slice(0, 8 - tail.length) + tail).padEnd(8) + end;
    if (!taken.has(short)) return short;
  }
}

function spelled(short: ShortName): string {
  const [base, end] = [short.slice(0, 8).trimEnd(), short.slice(8).trimEnd()];
  return end === '' ? base : `${base}.${end}`;
}
