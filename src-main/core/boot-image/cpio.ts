/**
 * Archives as the Linux kernel unpacks them at start: cpio "newc"
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Archives may stand one after the other in one
 * initrd, and what comes later is laid over what came before.
 */
export interface ArchiveEntry {
  /** Below the root, without a leading slash. */
  readonly path: string;
  /** File type and permissions, as in stat(2): 0o100644, 0o040755, 0o120777 … */
  readonly mode: number;
  /** A file's bytes or a link's target; empty for folders. */
  readonly content: Uint8Array;
}

const magic = '070701';
const trailer = 'TRAILER!!!';
/** GRUB and iPXE lay initrds side by side; a whole number of these keeps what follows aligned. */
const blockSize = 512;
const aligned = (size: number, to: number): number => Math.ceil(size / to) * to;

export const folder = (path: string): ArchiveEntry => ({
  path,
  mode: 0o040755,
  content: new Uint8Array(0),
});
export const file = (path: string, content: Uint8Array, permissions = 0o644): ArchiveEntry => ({
  path,
  mode: 0o100000 | permissions,
  content,
});
export const symlink = (path: string, target: string): ArchiveEntry => ({
  path,
  mode: 0o120777,
  content: asciiBytes(target),
});

/** Everything belongs to root and bears no time, so that equal entries make equal bytes. Folders come before what is in them. */
export function encodeCpio(entries: readonly ArchiveEntry[]): Uint8Array {
  const all = [...entries, { path: trailer, mode: 0, content: new Uint8Array(0) }];
  const size = all.reduce(
    (sum, { path, content }) => sum + headSize(path) + aligned(content.length, 4),
    0,
  );
  const archive = new Uint8Array(aligned(size, blockSize));
  let at = 0;
  for (const [index, entry] of all.entries()) {
    archive.set(asciiBytes(header(entry, index)), at);
    at += headSize(entry.path);
    archive.set(entry.content, at);
    at += aligned(entry.content.length, 4);
  }
  return archive;
}

/** Six letters of magic, thirteen numbers of eight hex digits, the name with its NUL, padded to four. */
const headSize = (path: string): number => aligned(6 + 13 * 8 + path.length + 1, 4);

function header({ path, mode, content }: ArchiveEntry, index: number): string {
  const isTrailer = path === trailer;
  const fields = [
    isTrailer ? 0 : index + 1, // inode: equal ones would be hard links
    mode,
    0, // uid
    0, // gid
    1, // links
    0, // time
    content.length,
    0, // device, major
    0, // device, minor
    0, // device it stands for, major
    0, // device it stands for, minor
    path.length + 1,
    0, // checksum: only in format 070702
  ];
  return `${magic}${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${path}\0`;
}

/** Paths and targets are ours and plain. */
export function asciiBytes(text: string): Uint8Array {
  const codes = Array.from(text, (letter) => letter.charCodeAt(0));
  if (codes.some((code) => code > 0x7f)) throw new Error(`"${text}" is not plain ASCII`);
  return Uint8Array.from(codes);
}
