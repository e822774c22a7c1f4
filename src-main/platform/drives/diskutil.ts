import { parse as parsePlist } from 'plist';
import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { bytes } from '../../../shared/base/units.ts';
import type { Drive, DriveUse } from '../../../shared/domain/drive.ts';
import { plainText } from '../../../shared/domain/plain-text.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { unclearDrive } from './unclear-drive.ts';

const text = z
  .string()
  .optional()
  .transform((said) => (said === undefined || said.trim() === '' ? null : said.trim()));

/** A volume of APFS, which lies in a container that diskutil shows as a disk of its own. */
const volumeSchema = z.object({
  DeviceIdentifier: z.string(),
  VolumeName: text,
  VolumeUUID: text,
  MountPoint: text,
  MountedSnapshots: z.array(z.object({ SnapshotMountPoint: text })).optional(),
});
const partitionSchema = volumeSchema.extend({ Content: text });
const diskSchema = partitionSchema.extend({
  Size: z.int().nonnegative(),
  OSInternal: z.boolean().optional(),
  Partitions: z.array(partitionSchema).optional(),
  APFSVolumes: z.array(volumeSchema).optional(),
  APFSPhysicalStores: z.array(z.object({ DeviceIdentifier: z.string() })).optional(),
});
const listSchema = z.object({ AllDisksAndPartitions: z.array(z.unknown()) });
const namedSchema = z.looseObject({ DeviceIdentifier: z.string() });
type Disk = z.infer<typeof diskSchema>;
type Partition = z.infer<typeof partitionSchema>;
type Volume = z.infer<typeof volumeSchema>;

const infoSchema = z.object({
  DeviceIdentifier: z.string(),
  DeviceNode: z.string().startsWith('/dev/'),
  BusProtocol: text,
  MediaName: text,
  IORegistryEntryName: text,
  DeviceTreePath: text,
  FilesystemType: text,
  DeviceBlockSize: z.int().positive(),
  Internal: z.boolean(),
  Ejectable: z.boolean(),
  RemovableMedia: z.boolean().optional(),
  Removable: z.boolean().optional(),
  VirtualOrPhysical: text,
  WritableMedia: z.boolean().optional(),
  Writable: z.boolean().optional(),
});
type Info = z.infer<typeof infoSchema>;

/** What one `diskutil info -plist` printed. */
function decodeInfo(printed: string): Result<Info> {
  const decoded = decodeSafely(infoSchema, parse(printed));
  if (decoded.success) return ok(decoded.data);
  const [issue] = decoded.error.issues;
  return refuse('failed', `${issue?.path.join('.') ?? '$'}: ${issue?.message ?? 'unknown'}`);
}

/** Devices of which `decodeDiskutil` wants to know more, as `disk2`: each whole disk that is real. */
export function disksToAsk(list: string): readonly string[] {
  const decoded = decodeSafely(listSchema, parse(list));
  if (!decoded.success) return [];
  return decoded.data.AllDisksAndPartitions.flatMap((disk) => {
    const known = decodeSafely(diskSchema, disk);
    return known.success && isReal(known.data) ? [known.data.DeviceIdentifier] : [];
  });
}

/** Containers of APFS, and what else is put together from parts of others, are disks for diskutil. */
const isReal = ({ APFSPhysicalStores }: Disk): boolean => APFSPhysicalStores === undefined;

/**
 * What `diskutil list -plist` printed, and `diskutil info -plist` of each of `disksToAsk` by its name. macOS counts disks anew
 * and tells no serial number, so a stick is told from another of its kind by its place (DeviceTreePath) and its size only.
 */
export function decodeDiskutil(
  list: string,
  infos: ReadonlyMap<string, string>,
): Result<readonly Drive[]> {
  const decoded = decodeSafely(listSchema, parse(list));
  if (!decoded.success) {
    const [issue] = decoded.error.issues;
    return refuse(
      'failed',
      `diskutil was not understood at ${issue?.path.join('.') ?? '$'}: ${issue?.message ?? 'unknown'}.`,
    );
  }
  const entries = decoded.data.AllDisksAndPartitions.map((entry) => ({
    entry,
    known: decodeSafely(diskSchema, entry),
  }));
  const disks = entries.flatMap(({ known }) => (known.success ? [known.data] : []));
  return ok(
    entries.flatMap(({ entry, known }, index): readonly Drive[] => {
      if (!known.success) {
        const [issue] = known.error.issues;
        const named = decodeSafely(namedSchema, entry);
        const path = named.success
          ? plainText(`/dev/${named.data.DeviceIdentifier}`)
          : `disk ${index + 1} of diskutil`;
        return [unclearDrive(path, `${issue?.path.join('.') ?? '$'}: ${issue?.message ?? '?'}`)];
      }
      if (!isReal(known.data)) return [];
      const path = `/dev/${known.data.DeviceIdentifier}`;
      const info = decodeInfo(infos.get(known.data.DeviceIdentifier) ?? '');
      return info.ok
        ? [driveOf(known.data, info.value, disks)]
        : [unclearDrive(path, refusalWords(info.error))];
    }),
  );
}

function driveOf(disk: Disk, info: Info, all: readonly Disk[]): Drive {
  const path = info.DeviceNode;
  const name = info.MediaName ?? info.IORegistryEntryName;
  const isVirtual = info.VirtualOrPhysical === 'Virtual' || info.BusProtocol === 'Disk Image';
  return {
    path,
    name: name === null ? null : plainText(name),
    serial: null,
    size: bytes(disk.Size),
    readOnly: !(info.WritableMedia ?? info.Writable ?? false),
    removable: info.RemovableMedia ?? info.Removable ?? false,
    hotplug: !info.Internal && info.Ejectable,
    transport: info.BusProtocol?.toLowerCase() ?? null,
    kind: isVirtual ? 'image' : 'disk',
    deviceNumber: `${disk.DeviceIdentifier} ${info.DeviceTreePath ?? '-'}`,
    sequence: null,
    logicalSector: info.DeviceBlockSize,
    uses: [
      {
        ...{ path, kind: 'disk', uuid: null, label: disk.VolumeName },
        // A stick without a partition table carries its file system itself.
        fileSystem: disk.Partitions === undefined ? (info.FilesystemType ?? null) : null,
        mountedAt: [...mountsOf(disk), ...(disk.OSInternal === true ? ['[SYSTEM]'] : [])],
      },
      ...(disk.Partitions ?? []).map(useOf),
      ...all.flatMap((container) => usesInContainer(container, disk)),
    ],
  };
}

const useOf = (partition: Partition): DriveUse => ({
  path: `/dev/${partition.DeviceIdentifier}`,
  kind: 'part',
  fileSystem: fileSystemOf(partition.Content),
  uuid: partition.VolumeUUID,
  label: partition.VolumeName,
  mountedAt: mountsOf(partition),
});

/** Volumes of a container that lies on this disk; one that lies on several belongs to something larger (Fusion). */
function usesInContainer(container: Disk, disk: Disk): readonly DriveUse[] {
  const stores = container.APFSPhysicalStores ?? [];
  const isPartOf = ({ DeviceIdentifier }: { readonly DeviceIdentifier: string }): boolean =>
    DeviceIdentifier === disk.DeviceIdentifier ||
    DeviceIdentifier.startsWith(`${disk.DeviceIdentifier}s`);
  if (!stores.some(isPartOf)) return [];
  const isWhole = stores.every(isPartOf);
  return (container.APFSVolumes ?? []).map((volume) => ({
    path: `/dev/${volume.DeviceIdentifier}`,
    kind: 'part',
    fileSystem: isWhole ? 'apfs' : 'apfs_fusion_member',
    uuid: volume.VolumeUUID,
    label: volume.VolumeName,
    mountedAt: mountsOf(volume),
  }));
}

const mountsOf = ({ MountPoint, MountedSnapshots }: Volume): readonly string[] =>
  [MountPoint, ...(MountedSnapshots ?? []).map((one) => one.SnapshotMountPoint)].filter(
    (at) => at !== null,
  );

/** By partition type, as the rules of drives name file systems. */
function fileSystemOf(content: string | null): string | null {
  switch (content) {
    case null:
      return null;
    case 'EFI':
    case 'DOS_FAT_12':
    case 'DOS_FAT_16':
    case 'DOS_FAT_32':
    case 'Windows_FAT_16':
    case 'Windows_FAT_32':
      return 'vfat';
    // "Basic data" of GPT and type 7 of MBR: what the Windows of a school puts there.
    case 'Windows_NTFS':
    case 'Microsoft Basic Data':
      return 'ntfs';
    case 'Apple_HFS':
    case 'Apple_HFSX':
    case 'Apple_Boot':
      return 'hfsplus';
    case 'Apple_APFS':
    case 'Apple_APFS_ISC':
    case 'Apple_APFS_Recovery':
      return 'apfs';
    case 'Apple_CoreStorage':
      return 'core_storage_member';
    case 'Apple_RAID':
    case 'Apple_RAID_Offline':
      return 'apple_raid_member';
    case 'Linux_LVM':
      return 'LVM2_member';
    case 'Linux_RAID':
      return 'linux_raid_member';
    default:
      return content.toLowerCase().replaceAll(' ', '_');
  }
}

function parse(printed: string): unknown {
  // The parser takes older forms, too, and complains of others on the console. A warning may stand before.
  const at = printed.indexOf('<?xml');
  if (at === -1) return undefined;
  try {
    return parsePlist(printed.slice(at));
  } catch {
    return undefined;
  }
}
