import type { Brand } from '../base/brand.ts';
import type { Bytes } from '../base/units.ts';

/** A drive as the operating system describes it. */
export interface Drive {
  /** Such as `/dev/sdb`, `\\.\PhysicalDrive2` or `/dev/disk4`. */
  readonly path: string;
  /** Vendor and model, for people; null when it does not say. */
  readonly name: string | null;
  readonly serial: string | null;
  readonly size: Bytes;
  readonly readOnly: boolean;
  /** The medium can be taken out of the drive. */
  readonly removable: boolean;
  /** The drive can be unplugged while the machine runs. */
  readonly hotplug: boolean;
  /** `usb`, `sata`, `nvme` …; null when unknown. */
  readonly transport: string | null;
  /** `disk`; `loop`, `rom` … are others. */
  readonly kind: string;
  /** Major and minor number, such as `8:16`; elsewhere what the system counts it by, and what it calls itself. */
  readonly deviceNumber: string;
  /** Counted up by the kernel for each drive that appears; null before Linux 5.15. */
  readonly sequence: number | null;
  /** Bytes; older readings say none, and mean 512. */
  readonly logicalSector?: number;
  /** What the system does not say of it, so that nobody knows what it is. */
  readonly unclear?: string | undefined;
  /** The drive itself, its partitions and all that is built upon them. */
  readonly uses: readonly DriveUse[];
}

/** What a drive or a part of it is used for. */
export interface DriveUse {
  readonly path: string;
  /** `disk`, `part`, `crypt`, `lvm`, `raid1` … */
  readonly kind: string;
  /** Such as `vfat`, `ext4`, `crypto_LUKS`; null when nothing is recognized. */
  readonly fileSystem: string | null;
  /** Of the file system: the same on every drive that it lies on. */
  readonly uuid?: string | null;
  readonly label: string | null;
  /** Where it is mounted; swap in use says `[SWAP]`, what the system runs from `[SYSTEM]`. */
  readonly mountedAt: readonly string[];
}

/** Differs when another drive, or another stick, stands at the same path. */
export type DriveIdentity = Brand<string, 'DriveIdentity'>;

export interface JudgedDrive {
  readonly path: string;
  readonly name: string;
  readonly size: Bytes;
  readonly identity: DriveIdentity;
  /** Mounts of its partitions, which are undone first. */
  readonly mountedAt: readonly string[];
}

/**
 * A drive that may be erased. Only `src-main/core/boot-image/drive-safety.ts` makes one, and nothing else is taken by
 * what writes on drives.
 */
export type ErasableDrive = Brand<JudgedDrive, 'ErasableDrive'>;

export interface JudgedFile {
  readonly path: string;
  /** Bytes that it will have. */
  readonly size: Bytes;
}

/** A file that may be written, made by the same safety check. */
export type ErasableFile = Brand<JudgedFile, 'ErasableFile'>;
