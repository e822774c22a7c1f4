import type { Result } from '../../../shared/base/result.ts';
import type { Drive } from '../../../shared/domain/drive.ts';
import type { DriveResult } from '../../ports/block-device.ts';

/** What one operating system says of its drives, and how it lets go of one. */
export interface DriveSystem {
  list(): Promise<Result<readonly Drive[]>>;
  /** Undoes whatever the system itself does with the drive. It makes sure by itself that this is still the same drive. */
  free(drive: Drive): Promise<DriveResult<null>>;
  /** What is opened for the drive that people know as `path`. */
  rawPath(path: string): string;
  /** Flags of open(2). */
  readonly flags: number | 'r+';
  /** What is read next comes from the medium, not from the system's memory. */
  forget(path: string): Promise<void>;
  /** After it was closed. */
  released(path: string): Promise<void>;
  /** What to do when the system does not let this user write the drive, as a whole sentence's second half. */
  readonly rightsHint: string;
}
