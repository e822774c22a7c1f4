import { ok, refuse, type Refusal, type Result } from '../../shared/base/result.ts';
import type { BlockDevice, DriveFault, DriveResult } from '../ports/block-device.ts';
import { bytesToWrite, type DiskImage } from '../core/boot-image/disk-image.ts';
import { imagePieces, type Piece } from './image-pieces.ts';
import type { MediaOrder, MediaProgress, MediaWriterPorts } from './media-order.ts';

/** `fault` is null when the drive has nothing to do with it. */
interface WriteFailure extends Refusal {
  readonly fault: DriveFault | null;
}
type Step<Value = null> = Result<Value, WriteFailure>;

interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

/** One try at writing an image and reading it back. */
export class WriteAttempt {
  readonly #order: MediaOrder;
  readonly #ports: MediaWriterPorts;
  readonly #attempt: number;

  constructor(order: MediaOrder, ports: MediaWriterPorts, attempt: number) {
    this.#order = order;
    this.#ports = ports;
    this.#attempt = attempt;
  }

  async run(): Promise<Step<Written>> {
    this.#tell({ phase: 'opening', done: 0, total: 0, bytesPerSecond: 0, remaining: null });
    const opened = await this.#order.open();
    if (!opened.ok) return opened;
    const device = opened.value;
    let written = false;
    try {
      const image = this.#order.image(device.size);
      const outcome = image.ok ? await this.#write(device, image.value) : notTheDrive(image);
      written = outcome.ok;
      return outcome;
    } finally {
      await device.close().catch(() => undefined);
      if (!written) await this.#order.discard?.().catch(() => undefined);
    }
  }

  /**
   * The first sector comes last: until then it is empty, so that a stick that was pulled out half-written boots nowhere,
   * neither by its new beginning nor by what it had before.
   */
  async #write(device: BlockDevice, image: DiskImage): Promise<Step<Written>> {
    const pieces = [...imagePieces(image, this.#ports.contents)];
    const [first, ...rest] = pieces;
    if (first === undefined || first.at !== 0) throw new Error('an image begins at its first byte');
    const total = bytesToWrite(image);
    const digests = new Map<Piece, string>();
    const write = (piece: Piece): Promise<Step> => this.#writePiece(device, piece, digests);
    const compare = (piece: Piece): Promise<Step> => this.#compare(device, piece, digests);
    const settle = (): Promise<Step> => device.settle();

    const steps: readonly (() => Promise<Step>)[] = [
      () => device.write(0, new Uint8Array(first.size)),
      settle,
      () => this.#each('writing', rest, total, write),
      settle,
      () => this.#each('verifying', rest, total, compare),
      () => write(first),
      settle,
      () => compare(first),
    ];
    for (const step of steps) {
      const done = await step();
      if (done.ok) continue;
      // It may stand there already, and not be right.
      if (digests.has(first)) await device.write(0, new Uint8Array(first.size));
      return done;
    }
    const all = pieces.map((piece) => digests.get(piece) ?? '').join('');
    return ok({ bytes: total, sha256: this.#ports.digest(asciiOf(all)) });
  }

  async #each(
    phase: 'writing' | 'verifying',
    pieces: readonly Piece[],
    total: number,
    step: (piece: Piece) => Promise<Step>,
  ): Promise<Step> {
    const { clock, stop } = this.#ports;
    const began = clock.now();
    let done = 0;
    for (const piece of pieces) {
      if (stop.aborted) return interrupted(this.#order.target);
      const outcome = await step(piece);
      if (!outcome.ok) return outcome;
      done += piece.size;
      const bytesPerSecond = paceOf(done, clock.now() - began);
      const remaining = remainingTime(phase, total - done, total, bytesPerSecond);
      this.#tell({ phase, done, total, bytesPerSecond, remaining });
    }
    return ok(null);
  }

  async #writePiece(device: BlockDevice, piece: Piece, digests: Map<Piece, string>): Promise<Step> {
    const content = await piece.content();
    if (!content.ok) return notTheDrive(content);
    digests.set(piece, this.#ports.digest(content.value));
    return device.write(piece.at, content.value);
  }

  async #compare(
    device: BlockDevice,
    piece: Piece,
    digests: ReadonlyMap<Piece, string>,
  ): Promise<Step> {
    const read: DriveResult<Uint8Array> = await device.read(piece.at, piece.size);
    if (!read.ok) return read;
    if (this.#ports.digest(read.value) === digests.get(piece)) return ok(null);
    const sentence = `${this.#order.target} does not give back what was written at byte ${piece.at}: it is worn out, or pretends to be larger than it is; use another.`;
    return { ok: false, error: { ...refuse('failed', sentence).error, fault: 'broken' } };
  }

  #tell(progress: Omit<MediaProgress, 'target' | 'attempt'>): void {
    const { target } = this.#order;
    this.#ports.onProgress({ target, attempt: this.#attempt, ...progress });
  }
}

/** Bytes a second since the phase began; sticks write in bursts, and an average over all of it jumps least. */
export const paceOf = (done: number, elapsed: number): number =>
  elapsed <= 0 ? 0 : (done * 1000) / elapsed;

/** Milliseconds. Sticks read about three times as fast as they write, so verifying is a third of what writing takes. */
export function remainingTime(
  phase: 'writing' | 'verifying',
  left: number,
  total: number,
  pace: number,
): number | null {
  if (pace <= 0) return null;
  const afterwards = phase === 'writing' ? total / 3 : 0;
  return Math.round(((Math.max(0, left) + afterwards) * 1000) / pace);
}

const interrupted = (target: string): Step =>
  notTheDrive(
    refuse(
      'failed',
      `Writing ${target} was interrupted and it does not boot; write it again or restore it.`,
    ),
  );

const notTheDrive = ({
  error,
}: {
  readonly error: Refusal;
}): { readonly ok: false; readonly error: WriteFailure } => ({
  ok: false,
  error: { ...error, fault: null },
});

const asciiOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
