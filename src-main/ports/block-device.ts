import type { Refusal, Result } from '../../shared/base/result.ts';
import type { Bytes } from '../../shared/base/units.ts';
import type { Drive, ErasableDrive, ErasableFile } from '../../shared/domain/drive.ts';

/**
 * vanished: it is not there any more; swapped: another one is there; busy: somebody uses it; broken: it answered with an
 * error, or what was read back differs; the others say what they are.
 */
export type DriveFault = 'vanished' | 'swapped' | 'busy' | 'full' | 'read-only' | 'broken';

export interface DriveRefusal extends Refusal {
  readonly fault: DriveFault;
}
export type DriveResult<Value> = Result<Value, DriveRefusal>;

/** A drive or file that is ours alone until it is closed. Positions and lengths are bytes, whole sectors of 512. */
export interface BlockDevice {
  readonly size: Bytes;
  /** All of it or a refusal; durable only after `settle`. Keeps little unwritten, so that its pace is the drive's. */
  write(at: number, content: Uint8Array): Promise<DriveResult<null>>;
  /** Exactly `length` bytes or a refusal. */
  read(at: number, length: number): Promise<DriveResult<Uint8Array>>;
  /** What was written is durable, and what is read from now on comes from the medium, not from memory. */
  settle(): Promise<DriveResult<null>>;
  /** Twice is harmless. */
  close(): Promise<void>;
}

/** The drives of this machine. */
export interface Drives {
  /** All there are, those that nobody may write included. */
  list(): Promise<Result<readonly Drive[]>>;
  /** Undoes its mounts and takes it for us alone; refuses when another drive is there than the one that was judged. */
  open(drive: ErasableDrive): Promise<DriveResult<BlockDevice>>;
}

/** What stands at a path. */
export type FileThere = 'missing' | 'file' | 'folder' | 'other';

/** Image files, made in the same way. */
export interface ImageFiles {
  there(path: string): Promise<FileThere>;
  open(file: ErasableFile): Promise<DriveResult<BlockDevice>>;
  /** Takes away what could not be finished. */
  discard(file: ErasableFile): Promise<void>;
}
