import { open, type FileHandle } from 'node:fs/promises';
import { logFirst } from '../../../shared/domain/log-bounds.ts';
import { cutOf, lineAfter } from './log-file.ts';

const pieceBytes = 32 * 1024;
/** The file grows without a word of the kernel's that would be cheaper than looking. */
const pollEvery = 150;

export interface LogReader {
  piece(offset: number, base64: string): Promise<void>;
  end(offset: number): void;
}

/** Reads a program's output from an offset, in bytes since it began; with `follow`, until it is over. */
export class LogFollower {
  readonly #path: string;
  readonly #reader: LogReader;
  #follow: boolean;
  #offset: number;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(path: string, offset: number, follow: boolean, reader: LogReader) {
    this.#path = path;
    this.#offset = offset;
    this.#follow = follow;
    this.#reader = reader;
    void this.#read();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Reads what there is and ends. */
  finish(): void {
    this.#follow = false;
    this.#wake?.();
  }

  async #read(): Promise<void> {
    let file: FileHandle | undefined;
    try {
      while (!this.#stopped) {
        // Looked at before the reading: what was written until then is read, and nothing comes after it.
        const over = !this.#follow;
        file ??= await open(this.#path, 'r').catch(() => undefined);
        if (file) await this.#drain(file);
        if (over) break;
        await this.#pause();
      }
    } catch {
      // The file went away with its attempt.
    } finally {
      await file?.close().catch(() => undefined);
    }
    this.#reader.end(this.#offset);
  }

  async #drain(file: FileHandle): Promise<void> {
    const buffer = Buffer.allocUnsafe(pieceBytes);
    while (!this.#stopped) {
      // Of a flood the middle is dropped, maybe while it is being read.
      const isWhole = this.#offset < logFirst;
      const cut = isWhole ? undefined : cutOf(this.#path);
      if (cut !== undefined && this.#offset < cut) this.#offset = await lineAfter(file, cut);
      const most = isWhole ? Math.min(pieceBytes, logFirst - this.#offset) : pieceBytes;
      const { bytesRead } = await file.read(buffer, 0, most, this.#offset);
      if (bytesRead === 0) return;
      if (!isWhole && this.#offset < (cutOf(this.#path) ?? 0)) continue;
      const at = this.#offset;
      this.#offset += bytesRead;
      await this.#reader.piece(at, buffer.toString('base64', 0, bytesRead));
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollEvery);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
