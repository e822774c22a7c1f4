import { joined, zeros } from './byte-fields.ts';
import { sectorSize, sectorsOf, type Extent, type ImageContent } from './disk-image.ts';
import {
  backupSector,
  fat32BootSector,
  floppyBootSector,
  freeClusterCount,
  type VolumeName,
} from './fat-boot-sector.ts';
import { attribute, dotEntries, folderEntries, labelEntry } from './fat-names.ts';
import { entrySize, firstCluster, type FatShape } from './fat-shape.ts';
import { encodeTable } from './fat-table.ts';

/** A file of the volume; folders on its path come by themselves. */
export interface VolumeFile {
  /** Such as `EFI/BOOT/BOOTX64.EFI`. */
  readonly path: string;
  readonly size: number;
  readonly content: ImageContent;
}

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, VolumeFile>;
  cluster: number;
}

/** Clusters in one run. */
interface Run {
  readonly cluster: number;
  readonly count: number;
}

/**
 * The volume as a freshly made one with these files on it, each in one piece. It is laid out once and never changed, so
 * that there is nothing to search or to free.
 */
export function fatVolume(
  shape: FatShape,
  name: VolumeName,
  files: readonly VolumeFile[],
  /** GRUB's boot sector, for a floppy. */
  bootCode: Uint8Array = zeros(0),
): readonly Extent[] {
  const root = treeOf(files);
  const clusterBytes = shape.perCluster * sectorSize;
  const runs: Run[] = [];
  let next = firstCluster;
  const take = (bytes: number): number => {
    if (bytes === 0) return 0;
    const run = { cluster: next, count: Math.ceil(bytes / clusterBytes) };
    runs.push(run);
    next += run.count;
    if (next - firstCluster > shape.clusters) throw new Error('the files do not fit the volume');
    return run.cluster;
  };
  const offsetOf = (cluster: number): number =>
    (shape.dataStart + (cluster - firstCluster) * shape.perCluster) * sectorSize;
  const extents: Extent[] = [];

  const layOut = (folder: Folder, parent: Folder | null): void => {
    const isRoot = parent === null;
    const rootInPlace = isRoot && shape.kind === 12;
    const head = isRoot ? [labelEntry(name.label)] : [];
    // Names alone tell how large the folder is; where its files begin is known once it has its place.
    const blank = [...head, ...(isRoot ? [] : dotEntries(0, 0)), ...folderEntries(namesOf(folder))];
    const bytes = (blank.length + 1) * entrySize;
    const room = rootInPlace ? shape.rootEntries * entrySize : upTo(bytes, clusterBytes);
    if (bytes > room) throw new Error('the root folder is full');
    folder.cluster = rootInPlace ? 0 : take(room);
    for (const child of folder.folders.values()) layOut(child, folder);
    const placed = new Map<string, number>();
    for (const [fileName, { size, content }] of folder.files) {
      const cluster = take(size);
      placed.set(fileName, cluster);
      if (size > 0) extents.push({ at: offsetOf(cluster), size, content });
    }
    const parentCluster = parent === null || parent === root ? 0 : parent.cluster;
    const entries = joined([
      ...head,
      ...(isRoot ? [] : dotEntries(folder.cluster, parentCluster)),
      ...folderEntries(namesOf(folder, placed)),
    ]);
    const at = rootInPlace ? shape.dataStart * sectorSize - room : offsetOf(folder.cluster);
    extents.push({ at, size: room, content: joined([entries, zeros(room - entries.length)]) });
  };
  layOut(root, null);

  return [...frame(shape, name, runs, next, bootCode), ...extents];
}

/** All before the first cluster but GRUB's core. */
function frame(
  shape: FatShape,
  name: VolumeName,
  runs: readonly Run[],
  next: number,
  bootCode: Uint8Array,
): readonly Extent[] {
  const table = encodeTable(shape, runs);
  const tableBytes = shape.perTable * sectorSize;
  const used = sectorsOf(table.length) * sectorSize;
  const both = [0, 1].flatMap((copy): Extent[] => {
    const at = (shape.reserved + copy * shape.perTable) * sectorSize;
    return [
      { at, size: table.length, content: table },
      { at: at + used, size: tableBytes - used, content: 'zeros' },
    ];
  });
  if (shape.kind === 12) {
    const sector = floppyBootSector(bootCode, shape, name);
    return [{ at: 0, size: sectorSize, content: sector }, ...both];
  }
  const free = shape.clusters - (next - firstCluster);
  const first = joined([fat32BootSector(shape, name), freeClusterCount(free, next)]);
  const backup = backupSector * sectorSize;
  return [
    { at: 0, size: first.length, content: first },
    { at: first.length, size: backup - first.length, content: 'zeros' },
    { at: backup, size: first.length, content: first },
    {
      at: backup + first.length,
      size: shape.reserved * sectorSize - backup - first.length,
      content: 'zeros',
    },
    ...both,
  ];
}

function treeOf(files: readonly VolumeFile[]): Folder {
  const empty = (): Folder => ({ folders: new Map(), files: new Map(), cluster: 0 });
  const root = empty();
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop() ?? '';
    let folder = root;
    for (const part of parts) {
      const child = folder.folders.get(part) ?? empty();
      folder.folders.set(part, child);
      folder = child;
    }
    folder.files.set(name, file);
  }
  return root;
}

const namesOf = (folder: Folder, placed: ReadonlyMap<string, number> = new Map()) => [
  ...[...folder.folders].map(([name, { cluster }]) => ({
    name,
    attributes: attribute.folder,
    firstCluster: cluster,
    size: 0,
  })),
  ...[...folder.files].map(([name, { size }]) => ({
    name,
    attributes: attribute.archive,
    firstCluster: placed.get(name) ?? 0,
    size,
  })),
];

const upTo = (size: number, unit: number): number => Math.ceil(size / unit) * unit;
