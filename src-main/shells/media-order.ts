import type { Result } from '../../shared/base/result.ts';
import type { Bytes } from '../../shared/base/units.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { DiskImage } from '../core/boot-image/disk-image.ts';
import type { BlockDevice, DriveResult } from '../ports/block-device.ts';
import type { ContentReader } from './image-pieces.ts';

/** One drive or file, and what shall be on it. */
export interface MediaOrder {
  /** Its path. */
  readonly target: string;
  open(): Promise<DriveResult<BlockDevice>>;
  image(size: Bytes): Result<DiskImage>;
  /** Takes away what a failed try left, where that helps nobody: a file, not a stick. */
  readonly discard?: () => Promise<void>;
}

export interface MediaWriterPorts {
  readonly clock: Clock;
  readonly contents: ContentReader;
  /** SHA-256, hex. */
  digest(bytes: Uint8Array): string;
  onProgress(progress: MediaProgress): void;
  /** Once for each. */
  onResult(result: MediaResult): void;
  /** Whoever asked for it went away. */
  readonly stop: { readonly aborted: boolean };
}

export interface MediaProgress {
  readonly target: string;
  readonly phase: 'opening' | 'writing' | 'verifying';
  /** Bytes of this phase. */
  readonly done: number;
  readonly total: number;
  readonly bytesPerSecond: number;
  /** Until it is verified, milliseconds; null while nothing is known. */
  readonly remaining: number | null;
  /** 1, or more after a failure. */
  readonly attempt: number;
}

export interface MediaResult {
  readonly target: string;
  readonly ok: boolean;
  /** What went wrong, and what to do. */
  readonly sentence: string | null;
  readonly bytes: number;
  /** Milliseconds. */
  readonly took: number;
  /** Of the SHA-256 of all pieces that were written and read back, in their order. */
  readonly sha256: string | null;
}
