import { node, type BootEntry } from './boot-entry.ts';

export interface BootChoices {
  readonly entries: readonly BootEntry[];
  /** Numbers of entries, the firmware's favourite first. */
  readonly order: readonly number[];
  /** What this very start came from. */
  readonly current: number | null;
}

/** None of these is a system on this PC's own disk. */
const elsewhere: readonly string[] = [
  node.usb,
  node.mac,
  node.ipv4,
  node.ipv6,
  node.uri,
  node.cdrom,
  node.firmwareFile,
  node.firmwareVolume,
];

/**
 * What to start so that this PC is what it is by day: Windows where it is installed, else another installed system, else
 * a whole disk; undefined when there is nothing of the kind.
 */
export function chooseOwnSystem({ entries, order, current }: BootChoices): BootEntry | undefined {
  const rank = (entry: BootEntry): number =>
    order.includes(entry.number) ? order.indexOf(entry.number) : order.length;
  const own = entries
    .filter((entry) => entry.active && !entry.nodes.some((one) => elsewhere.includes(one)))
    .toSorted((a, b) => rank(a) - rank(b));
  return (
    own.find(isWindows) ??
    own.find(({ number, file }) => number !== current && file !== null && file !== '') ??
    own.find(({ number }) => number !== current && order.includes(number))
  );
}

/** Firmware shows it under this name in every language. */
const isWindows = ({ description, file }: BootEntry): boolean =>
  /\\EFI\\Microsoft\\Boot\\bootmgfw\.efi$/i.test(file ?? '') ||
  description === 'Windows Boot Manager';
