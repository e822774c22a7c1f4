import { statfs } from 'node:fs/promises';

/** Room that was set aside for one upload. */
export interface Reservation {
  /** So much of it has been written: the file system counts it from now on. */
  written(length: number): void;
  /** Gives back the rest; twice is harmless. */
  dispose(): void;
}

/** Room on one disk, shared by uploads that run at the same time. */
export class DiskSpace {
  readonly #folder: string;
  /** Nobody may fill the disk further than this; other things have to be written too. */
  readonly #keepFree: number;
  #promised = 0;

  constructor(folder: string, keepFree: number) {
    this.#folder = folder;
    this.#keepFree = keepFree;
  }

  /** What is neither taken, nor set aside, nor to be kept free. */
  async left(): Promise<number> {
    const facts = await statfs(this.#folder);
    return facts.bavail * facts.bsize - this.#keepFree - this.#promised;
  }

  async reserve(length: number): Promise<Reservation | undefined> {
    if ((await this.left()) < length) return undefined;
    let rest = length;
    this.#promised += rest;
    const giveBack = (part: number): void => {
      const given = Math.min(rest, part);
      rest -= given;
      this.#promised -= given;
    };
    return { written: giveBack, dispose: () => giveBack(rest) };
  }
}
