import { open, type FileHandle } from 'node:fs/promises';

const pieceBytes = 32 * 1024;
/** The file grows without a word of the kernel's that would be cheaper than looking. */
const pollEvery = 150;

export interface LogReader {
  piece(offset: number, base64: string): Promise<void>;
  end(offset: number): void;
}

/** Reads a program's output from an offset; with `follow`, until it is over. */
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
      const { bytesRead } = await file.read(buffer, 0, pieceBytes, this.#offset);
      if (bytesRead === 0) return;
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
