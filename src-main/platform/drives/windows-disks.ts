import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { bytes } from '../../../shared/base/units.ts';
import type { Drive, DriveUse } from '../../../shared/domain/drive.ts';
import { plainText } from '../../../shared/domain/plain-text.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { unclearDrive } from './unclear-drive.ts';

/**
 * Asks Windows (8 and newer; PowerShell 3 and newer) for its disks, what lies on them, which media can be taken out, and where
 * it swaps to. Get-Disk, Get-Partition and Get-Volume are of the module Storage; an enumeration is made text, since its number
 * is printed otherwise.
 */
export const windowsQuery = `
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [System.Text.Encoding]::UTF8
$disks = @(Get-Disk | Select-Object Number, FriendlyName, SerialNumber, UniqueId, Size, @{n='BusType';e={"$($_.BusType)"}}, IsBoot, IsSystem, IsReadOnly, IsOffline, IsClustered, LogicalSectorSize, NumberOfPartitions)
$partitions = @(Get-Partition | Select-Object DiskNumber, PartitionNumber, @{n='Letter';e={"$($_.DriveLetter)".Trim([char]0)}}, AccessPaths, GptType, MbrType, IsBoot, IsSystem)
$volumes = @(Get-Volume | Select-Object Path, @{n='FileSystem';e={"$($_.FileSystem)"}}, FileSystemLabel)
$media = @(Get-CimInstance Win32_DiskDrive | Select-Object Index, MediaType)
$swap = @(Get-CimInstance Win32_PageFileUsage | ForEach-Object { $_.Name })
ConvertTo-Json -Compress -Depth 4 @{ disks = $disks; partitions = $partitions; volumes = $volumes; media = $media; swap = $swap }
`;

const text = z
  .string()
  .nullable()
  .transform((said) => (said === null || said.trim() === '' ? null : said.trim()));
const diskSchema = z.object({
  Number: z.int().nonnegative(),
  FriendlyName: text,
  SerialNumber: text,
  UniqueId: text,
  Size: z.int().nonnegative(),
  BusType: text,
  IsBoot: z.boolean(),
  IsSystem: z.boolean(),
  IsReadOnly: z.boolean(),
  IsOffline: z.boolean(),
  IsClustered: z.boolean(),
  LogicalSectorSize: z.int().positive(),
  NumberOfPartitions: z.int().nonnegative(),
});
const partitionSchema = z.object({
  DiskNumber: z.int().nonnegative(),
  PartitionNumber: z.int().nonnegative(),
  Letter: text,
  AccessPaths: z.array(z.string()).nullable(),
  GptType: text,
  MbrType: z.int().nullable(),
  IsBoot: z.boolean(),
  IsSystem: z.boolean(),
});
const volumeSchema = z.object({ Path: text, FileSystem: text, FileSystemLabel: text });
const numberSchema = z.looseObject({ Number: z.int().nonnegative() });
/** One disk that nobody understands hides none of the others. */
const outputSchema = z.object({
  disks: z.array(z.unknown()),
  partitions: z.array(partitionSchema),
  volumes: z.array(volumeSchema),
  media: z.array(z.object({ Index: z.int(), MediaType: text })),
  swap: z.array(z.string()),
});
type Output = z.infer<typeof outputSchema>;
type Partition = z.infer<typeof partitionSchema>;

/** `\\.\PhysicalDrive2`: what Windows opens a whole disk by (CreateFile, "Physical Disks and Volumes"). */
export const windowsDrivePath = (number: number): string => `\\\\.\\PhysicalDrive${number}`;

/** What `windowsQuery` printed. */
export function decodeWindowsDisks(printed: string): Result<readonly Drive[]> {
  let value: unknown;
  try {
    value = JSON.parse(printed);
  } catch {
    return refuse(
      'failed',
      'PowerShell printed no JSON of the disks; it may be too old (3 or newer is needed).',
    );
  }
  const decoded = decodeSafely(outputSchema, value);
  if (!decoded.success) return notUnderstood(decoded.error.issues[0]);
  const { data } = decoded;
  return ok(
    data.disks.map((disk, index) => {
      const known = decodeSafely(diskSchema, disk);
      if (known.success) return driveOf(known.data, data);
      const [issue] = known.error.issues;
      const numbered = decodeSafely(numberSchema, disk);
      const path = numbered.success
        ? windowsDrivePath(numbered.data.Number)
        : `disk ${index + 1} of Windows`;
      return unclearDrive(path, `${issue?.path.join('.') ?? '$'}: ${issue?.message ?? '?'}`);
    }),
  );
}

function notUnderstood(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): Result<never> {
  const at = issue?.path.join('.') ?? '$';
  return refuse(
    'failed',
    `The list of disks was not understood at ${at}: ${issue?.message ?? 'unknown'}.`,
  );
}

function driveOf(disk: z.infer<typeof diskSchema>, all: Output): Drive {
  const path = windowsDrivePath(disk.Number);
  const own = all.partitions.filter(({ DiskNumber }) => DiskNumber === disk.Number);
  const media = all.media.find(({ Index }) => Index === disk.Number)?.MediaType ?? null;
  const isUsb = disk.BusType === 'USB';
  return {
    path,
    name: disk.FriendlyName === null ? null : plainText(disk.FriendlyName),
    serial: disk.SerialNumber,
    size: bytes(disk.Size),
    readOnly: disk.IsReadOnly,
    // Win32_DiskDrive: "Removable Media", "External hard disk media", "Fixed hard disk media".
    removable: media === 'Removable Media',
    hotplug: isUsb && media !== 'Fixed hard disk media',
    transport: disk.BusType?.toLowerCase() ?? null,
    kind: 'disk',
    // Numbers are given again; this one is the device's own where it has one.
    deviceNumber: `${disk.Number} ${disk.UniqueId ?? '-'}`,
    sequence: null,
    logicalSector: disk.LogicalSectorSize,
    ...whatIsUnclear(disk, own),
    uses: [
      { ...emptyUse(path, 'disk'), mountedAt: disk.IsBoot || disk.IsSystem ? ['[SYSTEM]'] : [] },
      ...own.map((partition) => useOf(partition, path, all)),
    ],
  };
}

function whatIsUnclear(
  disk: z.infer<typeof diskSchema>,
  own: readonly Partition[],
): { readonly unclear?: string } {
  if (disk.IsClustered) return { unclear: 'it belongs to a cluster' };
  if (disk.IsOffline) return { unclear: 'it is offline in Disk Management' };
  // A stick without a partition table has one partition for Windows, which lists it or not.
  return own.length < disk.NumberOfPartitions
    ? { unclear: `${disk.NumberOfPartitions} partitions, of which ${own.length} are told` }
    : {};
}

const emptyUse = (path: string, kind: string): DriveUse => ({
  ...{ path, kind, fileSystem: null, uuid: null, label: null, mountedAt: [] },
});

/** Partition types of which only a part lies here ("PARTITION_INFORMATION_GPT", Windows' reference; lower case here). */
const spannedTypes: Readonly<Record<string, string>> = {
  '{e75caf8f-f680-4cee-afa3-b001e56efc2d}': 'storage_spaces_member',
  '{5808c8aa-7e8f-42e0-85d2-e1e90434cfb3}': 'dynamic_disk_member',
  '{af9b60a0-1431-4f62-bc68-3311714a69ad}': 'dynamic_disk_member',
};
const mbrDynamic = 0x42;

function useOf(partition: Partition, disk: string, all: Output): DriveUse {
  const { Letter, AccessPaths, GptType, MbrType, IsBoot, IsSystem } = partition;
  const places = AccessPaths ?? [];
  const volume = all.volumes.find(({ Path }) => Path !== null && places.includes(Path));
  const mounts = places.filter((place) => !place.startsWith('\\\\?\\'));
  const swaps = all.swap.some(
    (file) => Letter !== null && file.toUpperCase().startsWith(`${Letter.toUpperCase()}:\\`),
  );
  const spanned =
    spannedTypes[GptType?.toLowerCase() ?? ''] ??
    (MbrType === mbrDynamic ? 'dynamic_disk_member' : undefined);
  return {
    path: `${disk} partition ${partition.PartitionNumber}`,
    kind: 'part',
    fileSystem: spanned ?? fileSystemOf(volume?.FileSystem ?? null),
    uuid: null,
    label: volume?.FileSystemLabel ?? null,
    mountedAt: [
      ...(IsBoot || IsSystem ? ['[SYSTEM]'] : []),
      ...(swaps ? ['[SWAP]'] : []),
      ...mounts,
    ],
  };
}

/** By the names that the rules of drives know; what Windows does not recognize may be anything, an encrypted one too. */
function fileSystemOf(said: string | null): string {
  const known: Readonly<Record<string, string>> = {
    ...{ FAT: 'vfat', FAT32: 'vfat', exFAT: 'exfat', NTFS: 'ntfs', UDF: 'udf' },
    ...{ CDFS: 'iso9660', ReFS: 'refs', CSVFS: 'csvfs_member' },
  };
  return said === null ? 'unrecognized' : (known[said] ?? said.toLowerCase());
}
