/** What the firmware may boot: one of its `Boot####` variables. */
export interface BootEntry {
  readonly number: number;
  readonly active: boolean;
  /** The firmware's own menu leaves it out. */
  readonly hidden: boolean;
  /** A system, as opposed to a program that does some work and comes back (setup, diagnostics). */
  readonly isSystem: boolean;
  /** As the firmware's own menu shows it. */
  readonly description: string;
  /** `Type/SubType` of the nodes on the way to what is booted. */
  readonly nodes: readonly string[];
  /** The program's path on its volume, with backslashes; null when the entry names a whole drive. */
  readonly file: string | null;
  readonly partition: Partition | null;
  /** What a board with CSM says of a drive it boots as a BIOS does. */
  readonly bbs: BbsDevice | null;
  /** What the program is told, where that is text: fwupd starts shim and names itself here. */
  readonly words: string;
}

export interface Partition {
  readonly table: 'gpt' | 'mbr' | 'other';
  /** GUID or disk signature, in hex, and where it begins: the same for whatever lies on the same partition. */
  readonly id: string;
}

export interface BbsDevice {
  readonly type: number;
  readonly name: string;
}

/** Nodes of device paths (UEFI 2.10 §10.3). */
export const node = {
  atapi: '3/1',
  scsi: '3/2',
  usb: '3/5',
  vendorMessage: '3/10',
  mac: '3/11',
  ipv4: '3/12',
  ipv6: '3/13',
  sata: '3/18',
  sas: '3/22',
  nvme: '3/23',
  uri: '3/24',
  ufs: '3/25',
  emmc: '3/29',
  hardDisk: '4/1',
  cdrom: '4/2',
  file: '4/4',
  firmwareFile: '4/6',
  firmwareVolume: '4/7',
  bbs: '5/1',
} as const;

/** BIOS Boot Specification 3.1, as UEFI 2.10 §10.3.6 numbers it. */
export const bbsHardDisk = 2;

const activeFlag = 1;
const hiddenFlag = 8;
/** LOAD_OPTION_CATEGORY: 0 boots a system, 0x100 is an application. */
const categoryFlags = 0x1f00;
const endOfPath = 0x7f;
const wordsAtMost = 512;

/** EFI_LOAD_OPTION (UEFI 2.10 §3.1.3); undefined when it is none. */
export function decodeBootEntry(number: number, option: Uint8Array): BootEntry | undefined {
  const view = new DataView(option.buffer, option.byteOffset, option.byteLength);
  if (option.length < 8) return undefined;
  const attributes = view.getUint32(0, true);
  const pathLength = view.getUint16(4, true);
  const [description, pathStart] = textAt(view, 6, option.length);
  const end = pathStart + pathLength;
  if (end > option.length) return undefined;

  const nodes: string[] = [];
  let file: string | null = null;
  let partition: Partition | null = null;
  let bbs: BbsDevice | null = null;
  for (let at = pathStart; at + 4 <= end;) {
    const [type, subType, length] = [
      view.getUint8(at),
      view.getUint8(at + 1),
      view.getUint16(at + 2, true),
    ];
    if (length < 4 || at + length > end) return undefined;
    if (type === endOfPath) break;
    const kind = `${type}/${subType}`;
    nodes.push(kind);
    // A long path may be cut into several nodes.
    if (kind === node.file) file = (file ?? '') + textAt(view, at + 4, at + length)[0];
    if (kind === node.hardDisk) partition = partitionAt(view, at, length);
    if (kind === node.bbs && length >= 8) {
      const name = bytesAt(view, at + 8, at + length);
      bbs = { type: view.getUint16(at + 4, true), name: asciiOf(name) };
    }
    at += length;
  }
  return {
    number,
    active: (attributes & activeFlag) !== 0,
    hidden: (attributes & hiddenFlag) !== 0,
    isSystem: (attributes & categoryFlags) === 0,
    description,
    nodes,
    file,
    partition,
    bbs,
    words: textAt(view, end, Math.min(option.length, end + wordsAtMost))[0],
  };
}

/** Table 10.49: number (4 bytes), first sector, size (8 each), signature (16), table, kind of signature (1 each). */
function partitionAt(view: DataView, at: number, length: number): Partition | null {
  if (length < 42) return null;
  const hex = bytesAt(view, at + 24, at + 40).map((byte) => byte.toString(16).padStart(2, '0'));
  const signature = view.getUint8(at + 41);
  return {
    table: signature === 2 ? 'gpt' : signature === 1 ? 'mbr' : 'other',
    id: `${hex.join('')}@${view.getUint32(at + 8, true)}`,
  };
}

const bytesAt = (view: DataView, from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => view.getUint8(from + index));

const asciiOf = (bytes: readonly number[]): string =>
  String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte < 0x7f));

/** UCS-2 up to its 0 or to `limit`, and where it ends. */
function textAt(view: DataView, from: number, limit: number): readonly [string, number] {
  let text = '';
  for (let at = from; at + 2 <= limit; at += 2) {
    const code = view.getUint16(at, true);
    if (code === 0) return [text, at + 2];
    text += String.fromCharCode(code);
  }
  return [text, limit];
}
