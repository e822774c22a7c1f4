import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { formatSize, type Bytes } from '../../../shared/base/units.ts';
import type {
  Drive,
  DriveIdentity,
  DriveUse,
  ErasableDrive,
  ErasableFile,
  JudgedDrive,
  JudgedFile,
} from '../../../shared/domain/drive.ts';
import type { FileThere } from '../../ports/block-device.ts';

/** Above this a drive is rather somebody's archive than a stick; what is sold as 128 GB has a little more than that. */
export const largeDrive = 140_000_000_000;

/**
 * Where desktops mount what people plug in (Linux, macOS), and letters (Windows). Anything mounted elsewhere belongs to this
 * machine, backups below /mnt too.
 */
const mountedByPeople = [/^\/media\/./, /^\/run\/media\/./, /^\/Volumes\/./, /^[A-Z]:\\$/];

/** Parts of something larger, of which the rest is elsewhere or needs a key. */
const memberFileSystems: Readonly<Record<string, string>> = {
  LVM2_member: 'belongs to a volume group (LVM)',
  linux_raid_member: 'belongs to a RAID',
  isw_raid_member: 'belongs to a RAID',
  ddf_raid_member: 'belongs to a RAID',
  zfs_member: 'belongs to a ZFS pool',
  bcache: 'belongs to a bcache',
  ceph_bluestore: 'belongs to a Ceph store',
  drbd: 'belongs to a DRBD mirror',
  VMFS_volume_member: 'belongs to a VMFS volume',
  jbd: 'is the journal of a file system elsewhere',
  xfs_external_log: 'is the journal of a file system elsewhere',
  crypto_LUKS: 'is encrypted',
  BitLocker: 'is encrypted (BitLocker)',
};

/** File systems that people put on sticks, each as a whole. */
const plainFileSystems: readonly string[] = [
  ...['vfat', 'exfat', 'ntfs', 'ntfs3', 'msdos', 'iso9660', 'udf', 'squashfs'],
  ...['ext2', 'ext3', 'ext4', 'xfs', 'f2fs', 'jfs', 'reiserfs', 'nilfs2', 'hfs', 'hfsplus', 'apfs'],
];
/** May lie on several drives, of which each holds a part. */
const spanningFileSystems: readonly string[] = ['btrfs', 'bcachefs'];

export interface EraseWish {
  /** As it was when it was chosen; null when it is chosen just now. */
  readonly identity: DriveIdentity | null;
  /** What somebody typed to confirm that it is this large drive. */
  readonly typedName: string | null;
}

/**
 * Why this drive is never written; nothing when it may be. Denies whatever it does not know to be harmless. `all`: every drive of
 * the machine, since the other part of what is on this one may be in use there.
 */
export function driveFault(drive: Drive, all: readonly Drive[] = []): string | undefined {
  const { kind, transport, readOnly, size, uses, unclear, logicalSector = 512 } = drive;
  if (unclear !== undefined) return `the system does not say what it is (${unclear})`;
  if (kind !== 'disk') return `it is no drive that can be unplugged (${kind})`;
  for (const use of uses) {
    const fault = useFault(use);
    if (fault !== undefined) return fault;
  }
  const shared = sharedFault(drive, all);
  if (shared !== undefined) return shared;
  if (transport !== 'usb') {
    return `it is built in (${transport ?? 'unknown connection'}), not a USB drive`;
  }
  if (size <= 0) return 'there is no medium in it';
  if (readOnly) return 'it is write-protected';
  if (logicalSector !== 512) {
    return `this drive has sectors of ${logicalSector} bytes, and boot sticks need 512; take another`;
  }
  return undefined;
}

/** A file system that spans several drives, or one that this machine has mounted under the same number. */
function sharedFault(drive: Drive, all: readonly Drive[]): string | undefined {
  const others = all.filter(({ path }) => path !== drive.path).flatMap(({ uses }) => uses);
  for (const { path, uuid, fileSystem } of drive.uses) {
    if (uuid === null || uuid === undefined) continue;
    for (const other of others) {
      if (other.uuid !== uuid || other.fileSystem !== fileSystem) continue;
      const foreign = other.mountedAt.find((at) => !isMountedByPeople(at));
      const what = `${path} is a part of the file system`;
      if (foreign !== undefined) return `${what} that this machine uses at ${foreign}`;
      if (!plainFileSystems.includes(fileSystem ?? '')) return `${what} on ${other.path}`;
    }
  }
  return undefined;
}

function useFault({ path, kind, fileSystem, mountedAt }: DriveUse): string | undefined {
  // The plainest one: `/` rather than what is mounted below it.
  const [foreign] = mountedAt
    .filter((at) => !isMountedByPeople(at))
    .toSorted((a, b) => a.length - b.length);
  if (foreign === '[SYSTEM]') return `this machine runs from it (${path})`;
  if (foreign === '[SWAP]') return `this machine swaps to it (${path})`;
  if (foreign !== undefined) return `this machine uses it at ${foreign}`;
  if (kind !== 'disk' && kind !== 'part') return `${path} is built upon it (${kind})`;
  if (fileSystem === 'swap') return `${path} is swap space`;
  const member =
    memberFileSystems[fileSystem ?? ''] ??
    (/_member$/.test(fileSystem ?? '') ? 'belongs to something larger' : undefined);
  return member === undefined ? undefined : `${path} ${member}`;
}

const isMountedByPeople = (at: string): boolean => mountedByPeople.some((place) => place.test(at));

/** What has to be typed before this drive is written; null when nothing has. */
export const nameToType = (drive: Drive): string | null =>
  doubtOf(drive) === undefined ? null : drivesName(drive);

/** What speaks against erasing this drive without another look at it. */
function doubtOf({ size, removable, hotplug, uses }: Drive): string | undefined {
  if (size > largeDrive) return `has ${formatSize(size)}, much for a boot stick`;
  if (!removable && !hotplug) return 'says that it is built in, though it is a USB drive';
  for (const { path, fileSystem } of uses) {
    if (fileSystem === null || plainFileSystems.includes(fileSystem)) continue;
    return spanningFileSystems.includes(fileSystem)
      ? `holds ${fileSystem} (${path}), which may lie on other drives, too`
      : `holds ${fileSystem} (${path}), of which nobody here knows what it is`;
  }
  return undefined;
}

/** What people call it: vendor and model, or its path. */
export const drivesName = ({ name, path }: Pick<Drive, 'name' | 'path'>): string => name ?? path;

/** The only maker of an `ErasableDrive`. */
export function judgeDrive(
  drive: Drive,
  wish: EraseWish,
  all: readonly Drive[] = [],
): Result<ErasableDrive> {
  const { path, size } = drive;
  const called = drive.name === null ? path : `${path} (${drive.name})`;
  const fault = driveFault(drive, all);
  if (fault !== undefined) return refuse('refused', `${called} is not written: ${fault}.`);
  if (wish.identity !== null && wish.identity !== driveIdentity(drive)) {
    return refuse('refused', swappedSentence(path));
  }
  const name = nameToType(drive);
  if (name !== null && !sameName(wish.typedName, name)) {
    return refuse(
      'refused',
      `${called} ${doubtOf(drive) ?? ''}; to erase it all the same, confirm with its name: ${name}.`,
    );
  }
  const judged: JudgedDrive = {
    path,
    name: drivesName(drive),
    size,
    identity: driveIdentity(drive),
    mountedAt: drive.uses.flatMap(({ mountedAt }) => mountedAt),
  };
  return ok(judged as ErasableDrive);
}

export const swappedSentence = (path: string): string =>
  `Another drive is at ${path} now than the one that was chosen; look at the list and choose again.`;

/** Size and numbers too, since cheap sticks share their serial number or have none. */
export function driveIdentity(drive: Drive): DriveIdentity {
  const { deviceNumber, sequence, size, serial, name } = drive;
  return [deviceNumber, sequence ?? '-', size, serial ?? '-', name ?? '-'].join(
    ' ',
  ) as DriveIdentity;
}

/** What whoever opens drives asks of these rules. */
export const driveRules = { identityOf: driveIdentity, swappedSentence, faultOf: driveFault };

const sameName = (typed: string | null, name: string): boolean =>
  typed?.trim().toLowerCase() === name.toLowerCase();

/** The only maker of an `ErasableFile`: devices are written as drives or not at all. */
export function judgeFile(
  path: string,
  there: FileThere,
  wish: { readonly size: Bytes; readonly replace: boolean },
): Result<ErasableFile> {
  switch (there) {
    case 'folder':
      return refuse('misuse', `${path} is a folder; name the file to write in it.`);
    case 'other':
      return refuse('misuse', `${path} is no plain file; write a drive with --drive.`);
    case 'file':
      if (wish.replace) break;
      return refuse('refused', `${path} is there already; name another file, or write --force.`);
    case 'missing':
      break;
  }
  const judged: JudgedFile = { path, size: wish.size };
  return ok(judged as ErasableFile);
}
