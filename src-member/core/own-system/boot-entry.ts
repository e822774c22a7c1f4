/** What the firmware may boot: one of its `Boot####` variables. */
export interface BootEntry {
  readonly number: number;
  readonly active: boolean;
  /** As the firmware's own menu shows it. */
  readonly description: string;
  /** `Type/SubType` of the nodes on the way to what is booted. */
  readonly nodes: readonly string[];
  /** The program's path on its volume, with backslashes; null when the entry names a whole drive. */
  readonly file: string | null;
}

/** Nodes of device paths (UEFI 2.10 §10.3). */
export const node = {
  usb: '3/5',
  mac: '3/11',
  ipv4: '3/12',
  ipv6: '3/13',
  uri: '3/24',
  cdrom: '4/2',
  file: '4/4',
  firmwareFile: '4/6',
  firmwareVolume: '4/7',
} as const;

const activeFlag = 1;
const endOfPath = 0x7f;

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
  for (let at = pathStart; at + 4 <= end;) {
    const [type, subType, length] = [
      view.getUint8(at),
      view.getUint8(at + 1),
      view.getUint16(at + 2, true),
    ];
    if (length < 4 || at + length > end) return undefined;
    if (type === endOfPath) break;
    nodes.push(`${type}/${subType}`);
    // A long path may be cut into several nodes.
    if (`${type}/${subType}` === node.file) {
      file = (file ?? '') + textAt(view, at + 4, at + length)[0];
    }
    at += length;
  }
  return { number, active: (attributes & activeFlag) !== 0, description, nodes, file };
}

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
