import type { Result } from '../../shared/base/result.ts';
import type { Bytes } from '../../shared/base/units.ts';
import type { BlockDevice, DriveFault, DriveResult } from '../../shared/ports/block-device.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { DiskImage } from '../core/boot-image/disk-image.ts';
import type { ContentReader } from './image-pieces.ts';
import { WriteAttempt } from './write-attempt.ts';

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

/** A stick that answered with an error may only sit loosely; one that is gone, full or protected stays so. */
const worthAnotherTry: readonly DriveFault[] = ['broken'];
export const attemptsAtMost = 2;

/** Writes them all at once, each at its own pace, and reads each back. Never throws for a drive's sake. */
export function writeMedia(
  orders: readonly MediaOrder[],
  ports: MediaWriterPorts,
): Promise<readonly MediaResult[]> {
  return Promise.all(
    orders.map(async (order) => {
      const result = await writeMedium(order, ports);
      ports.onResult(result);
      return result;
    }),
  );
}

async function writeMedium(order: MediaOrder, ports: MediaWriterPorts): Promise<MediaResult> {
  const { target } = order;
  const began = ports.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await new WriteAttempt(order, ports, attempt).run();
    const took = Math.round(ports.clock.now() - began);
    if (outcome.ok) return { target, ok: true, sentence: null, took, ...outcome.value };
    const { sentence, fault } = outcome.error;
    const again = fault !== null && worthAnotherTry.includes(fault) && attempt < attemptsAtMost;
    if (!again || ports.stop.aborted) {
      return { target, ok: false, sentence, bytes: 0, took, sha256: null };
    }
  }
}
