import { sectorSize, sectorsOf } from './disk-image.ts';

/** How a FAT volume is divided (Microsoft: "FAT: General Overview of On-Disk Format", 1.03); all in sectors of 512 bytes. */
export interface FatShape {
  /** Bits of an entry of the table. */
  readonly kind: 12 | 32;
  readonly sectors: number;
  /** Before the first table: boot sector, and what stands behind it. */
  readonly reserved: number;
  readonly perCluster: number;
  /** Of one of the two tables. */
  readonly perTable: number;
  /** Entries of the root folder; FAT32 keeps it in clusters like any other. */
  readonly rootEntries: number;
  readonly clusters: number;
  /** Where cluster 2, the first one, begins. */
  readonly dataStart: number;
}

export const tables = 2;
export const entrySize = 32;
/** Numbers 0 and 1 of the table say other things. */
export const firstCluster = 2;

/** Fewer clusters would be read as FAT16, more would need entries of more than 28 bits (section "FAT type determination"). */
const fewestClusters32 = 65_525;
const mostClusters32 = 0x0fff_fff5;
/** Room for boot sector, its copy and the free-cluster count, as everybody leaves it. */
const usualReserved32 = 32;

/** Whether a volume of so many sectors can be FAT32 with clusters of that size. */
export function canBeFat32(sectors: number, perCluster: number): boolean {
  const { clusters } = fat32Shape(sectors, perCluster);
  return clusters >= fewestClusters32 && clusters < mostClusters32;
}

export function fat32Shape(sectors: number, perCluster: number): FatShape {
  // The formula of the section "FAT volume initialization"; it may give a few sectors too many, never too few.
  const perTable = Math.ceil((sectors - usualReserved32) / ((256 * perCluster + tables) / 2));
  const metadata = usualReserved32 + tables * perTable;
  // Clusters on 32 KiB borders of the volume: flash is rewritten in large blocks.
  const dataStart = Math.ceil(metadata / 64) * 64;
  const clusters = Math.floor((sectors - dataStart) / perCluster);
  return {
    kind: 32,
    sectors,
    reserved: dataStart - tables * perTable,
    perCluster,
    perTable,
    rootEntries: 0,
    clusters,
    dataStart,
  };
}

/** Sizes as Windows chooses them for FAT32, in sectors a cluster (table "DskTableFAT32", and 32 KiB beyond). */
export function usualClusterOf(sectors: number): number {
  const mebibytes = (sectors * sectorSize) / 1024 ** 2;
  if (mebibytes <= 260) return 1;
  if (mebibytes <= 8 * 1024) return 8;
  if (mebibytes <= 16 * 1024) return 16;
  return mebibytes <= 32 * 1024 ? 32 : 64;
}

/** 80 tracks of two sides with 18 sectors: 1,474,560 bytes. */
export const floppySectors = 80 * 2 * 18;
export const floppyTrack = { sectors: 18, heads: 2 } as const;
const floppyRootEntries = 224;
const floppyTable = 9;

/** A 3½-inch floppy whose boot loader of `loaderSectors` stands between boot sector and tables. */
export function floppyShape(loaderSectors: number): FatShape {
  const reserved = 1 + loaderSectors;
  const dataStart = reserved + tables * floppyTable + sectorsOf(floppyRootEntries * entrySize);
  return {
    kind: 12,
    sectors: floppySectors,
    reserved,
    perCluster: 1,
    perTable: floppyTable,
    rootEntries: floppyRootEntries,
    clusters: floppySectors - dataStart,
    dataStart,
  };
}
