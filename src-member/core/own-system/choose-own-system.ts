import { bbsHardDisk, node, type BootEntry } from './boot-entry.ts';

export interface BootChoices {
  readonly entries: readonly BootEntry[];
  /** Numbers of entries, the firmware's favourite first. */
  readonly order: readonly number[];
  /** What this very start came from. */
  readonly current: number | null;
}

/**
 * What may be started so that this PC is what it is by day, best first: Windows where it is installed, else another
 * installed system, else a whole disk. Several, because firmware keeps entries of systems that are gone.
 *
 * Only what something says to be this PC's own counts. Firmware lists much besides: updaters, diagnostics, setup pages,
 * drives that can be pulled out, the network; and an entry that says nothing may be any of them.
 */
export function ownSystems({ entries, order, current }: BootChoices): readonly BootEntry[] {
  const rank = (entry: BootEntry): number =>
    order.includes(entry.number) ? order.indexOf(entry.number) : order.length;
  const cameFrom = entries.find(({ number }) => number === current);
  const likely = entries
    .filter((entry) => entry.active && !entry.hidden && entry.isSystem && liesWithin(entry))
    .toSorted((a, b) => rank(a) - rank(b));
  const others = likely.filter(
    (entry) =>
      entry.number !== current && !isTool(entry) && !onSamePartition(entry, cameFrom ?? null),
  );
  const windows = likely.filter(isWindows);
  const installed = others.filter((entry) => !windows.includes(entry) && isInstalled(entry));
  const disks = others.filter((entry) => order.includes(entry.number) && isWholeDisk(entry));
  return [...windows, ...installed, ...disks];
}

/** The best one; undefined when there is nothing of the kind. */
export const chooseOwnSystem = (choices: BootChoices): BootEntry | undefined =>
  ownSystems(choices)[0];

/** Ways on which a disk of this PC's own is reached. */
const disksWay: readonly string[] = [
  node.atapi,
  node.scsi,
  node.sata,
  node.sas,
  node.nvme,
  node.ufs,
  node.emmc,
];
/** Any other message (USB in its three forms, network, iSCSI, Fibre Channel, SD cards, Bluetooth …) leads elsewhere. */
const messages = '3/';
/** CD, what is in the firmware itself, a disk in memory. */
const noDisk: readonly string[] = [node.cdrom, node.firmwareFile, node.firmwareVolume, '4/9'];

const liesWithin = ({ nodes }: BootEntry): boolean =>
  nodes.every(
    (one) =>
      !noDisk.includes(one) &&
      (!one.startsWith(messages) || disksWay.includes(one) || one === node.vendorMessage),
  );

const onOwnDisk = ({ nodes }: BootEntry): boolean => nodes.some((one) => disksWay.includes(one));

/** Firmware shows it under this name in every language. */
const isWindows = ({ description, file, partition, words }: BootEntry): boolean =>
  partition !== null &&
  !/fwup/i.test(words) &&
  (file === null
    ? description === 'Windows Boot Manager'
    : /\\EFI\\Microsoft\\Boot\\bootmgfw\.efi$/i.test(file));

/** Loaders of systems by the names that their installers give them. */
const loader =
  /\\(?:(?:shim|grub|systemd-boot|gummiboot|refind|elilo|syslinux|opencore|clover|limine|vmlinuz|bzimage|linux|boot(?:x64|ia32)?\.efi$|(?:pre)?loader\.efi$)[^\\]*|EFI\\Linux\\[^\\]+\.efi)$/i;

/**
 * A file on a partition. A partition that is named by the signature of an MBR alone may be a stick's: systems that
 * start by UEFI lie on GPT disks, sticks seldom do.
 */
const isInstalled = (entry: BootEntry): boolean =>
  entry.file !== null &&
  loader.test(entry.file) &&
  (entry.partition?.table === 'gpt' || (entry.partition !== null && onOwnDisk(entry)));

/**
 * A drive as a whole: its node says so, or its name where firmware writes messages of its own (Lenovo) or the words of
 * the BIOS (every board with CSM).
 */
function isWholeDisk(entry: BootEntry): boolean {
  const { file, description, nodes, bbs } = entry;
  const name = `${description} ${bbs?.name ?? ''}`;
  if ((file !== null && file !== '') || pulledOut.test(name)) return false;
  if (bbs !== null) return bbs.type === bbsHardDisk;
  return (
    onOwnDisk(entry) || (nodes.includes(node.vendorMessage) && diskNames.test(description.trim()))
  );
}

const diskNames =
  /^(?:NVMe ?\d*|(?:S?ATA |internal )?(?:HDD|SSD) ?\d*|e?MMC ?\d*|M\.2 (?:SSD|drive) ?\d*|(?:SATA|internal) (?:hard )?(?:disk|drive) ?\d*|hard (?:disk|drive) ?\d*)(?:\s*[:(-].*)?$/i;

/** Drives for media, and sticks, by what firmware and their makers call them. */
const pulledOut =
  /usb|flash|stick|thumb|cruzer|datatraveler|card|\bSD\b|removable|external|floppy|diskette|\bFDD|\bZIP\b|(?:^|[^a-z])CD|DVD|\bBD|\bODD|blu-?ray|optical|mass.?storage|card.?reader|HL-DT-ST|TSSTcorp|MATSHITA|PLDS|Slimtype|Optiarc|PIONEER|\bDRW|\biH[AEB]S|\bLAN\b|network|PXE|iSCSI/i;

/** What does some work and starts the PC anew, or waits for a person: in no case this PC's own system. */
const tool =
  /fwup|updat|firmware|capsule|flash|diag|recover|rescue|restore|mem(?:ory)?[ _-]?test|mmx64|mokmanager|fbx64|fallback|shell|setup|tool|utility|wipe|erase|snponly|pxe|netboot|bios|nightshift|\\EFI\\(?:HP|Hewlett-Packard|Dell|Lenovo|Asus|Acer|MSI|Gigabyte|Tools)\\/i;

const isTool = ({ description, file, words }: BootEntry): boolean =>
  tool.test(description) || tool.test(file ?? '') || tool.test(words);

/** Of the stick, say, that this start came from. */
const onSamePartition = (entry: BootEntry, other: BootEntry | null): boolean =>
  entry.partition !== null && entry.partition.id === other?.partition?.id;
