import { closeSync, fdatasync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readIfThere, writePrivateFile } from '../identity/private-file.ts';

/** What a lab's log is known to have held, told beside it. */
export interface MarkedLog {
  readonly labId: string;
  /** Of the newest event that was stored. */
  readonly lastSeq: number;
}

/** Two slots, written in turn: one that was torn by a power cut leaves the other. */
const slotLength = 128;
/** The mark follows at once for whoever kills the head, and so many milliseconds later for whoever pulls the plug. */
const syncEvery = 1000;

/** `lab.mark`: without it a log that lost its end, or all, could not be told from that of a younger lab. */
export class StoreMark {
  readonly #file: number;
  readonly #labId: string;
  readonly #onFault: (error: unknown) => void;
  #slot = 0;
  #syncedAt = 0;
  #syncing = false;
  #isClosed = false;

  private constructor(file: number, labId: string, onFault: (error: unknown) => void) {
    this.#file = file;
    this.#labId = labId;
    this.#onFault = onFault;
  }

  /** Null: there is none. `damaged`: neither slot can be read. Throws what the OS says of a file that it will not read. */
  static read(path: string): MarkedLog | 'damaged' | null {
    const text = readIfThere(path);
    if (text === undefined) return null;
    const slots = [0, 1].flatMap(
      (slot) => decode(text.slice(slot * slotLength, (slot + 1) * slotLength)) ?? [],
    );
    return slots.sort((a, b) => b.lastSeq - a.lastSeq)[0] ?? 'damaged';
  }

  /** Makes the mark, or goes on with the one that is there. */
  static open(path: string, log: MarkedLog, onFault: (error: unknown) => void): StoreMark {
    // As a whole: after a power cut the old one is there or this one.
    writePrivateFile(path, encode(log).repeat(2));
    return new StoreMark(openSync(path, 'r+'), log.labId, onFault);
  }

  /** The log reaches to here. Costs one small write without waiting for the disk; the log itself is on it already. */
  note(lastSeq: number): void {
    try {
      const text = encode({ labId: this.#labId, lastSeq });
      writeSync(this.#file, text, this.#slot * slotLength, 'latin1');
      this.#slot = 1 - this.#slot;
      this.#sync();
    } catch (error) {
      // The events are stored; a mark that lags behind only guards them less.
      this.#onFault(error);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      fsyncSync(this.#file);
    } catch (error) {
      this.#onFault(error);
    }
    closeSync(this.#file);
  }

  #sync(): void {
    const now = performance.now();
    if (this.#syncing || now - this.#syncedAt < syncEvery) return;
    this.#syncing = true;
    this.#syncedAt = now;
    fdatasync(this.#file, () => (this.#syncing = false));
  }
}

function encode({ labId, lastSeq }: MarkedLog): string {
  const said = `nightshift 1 ${labId} ${lastSeq} `;
  return `${`${said}${sumText(said)}`.padEnd(slotLength - 1)}\n`;
}

function decode(slot: string): MarkedLog | undefined {
  const [, said = '', labId = '', lastSeq = '', sum] =
    /^(nightshift 1 (\S+) (\d{1,15}) )([0-9a-f]{8}) *\n$/.exec(slot) ?? [];
  return sum !== undefined && sum === sumText(said)
    ? { labId, lastSeq: Number(lastSeq) }
    : undefined;
}

const sumText = (text: string): string => crc32(text).toString(16).padStart(8, '0');
