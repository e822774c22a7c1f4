import { ok } from '../../../shared/base/result.ts';
import { mebibytes, type Bytes } from '../../../shared/base/units.ts';
import type { BlockDevice, DriveResult } from '../../ports/block-device.ts';
import { driveRefusal, meaningOf } from './drive-refusal.ts';

/** More than this is not left to the system's memory, or a stick would seem fast for a while and then stand still. */
const unwrittenAtMost = mebibytes(4);

/** What is needed of an open file; the system may write and read less than it was asked to. */
export interface OpenFile {
  write(
    from: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DeviceHooks {
  /** Drops what the system remembers of the medium. */
  forget(): Promise<void>;
  /** After it was closed. */
  released(): Promise<void>;
}

/** A block device or a plain file that has been opened; both are written and read alike. */
export class OpenDevice implements BlockDevice {
  readonly size: Bytes;
  readonly #path: string;
  readonly #handle: OpenFile;
  readonly #hooks: DeviceHooks;
  #unwritten = 0;
  #isOpen = true;

  constructor(path: string, handle: OpenFile, size: Bytes, hooks: DeviceHooks) {
    this.#path = path;
    this.#handle = handle;
    this.size = size;
    this.#hooks = hooks;
  }

  async write(at: number, content: Uint8Array): Promise<DriveResult<null>> {
    try {
      for (let done = 0; done < content.length;) {
        const { bytesWritten } = await this.#handle.write(
          content,
          done,
          content.length - done,
          at + done,
        );
        if (bytesWritten === 0) return this.#end(at + done);
        done += bytesWritten;
      }
      this.#unwritten += content.length;
      if (this.#unwritten >= unwrittenAtMost) {
        await this.#handle.datasync();
        this.#unwritten = 0;
      }
      return ok(null);
    } catch (error) {
      return meaningOf(error, this.#path);
    }
  }

  async read(at: number, length: number): Promise<DriveResult<Uint8Array>> {
    const content = new Uint8Array(length);
    try {
      for (let done = 0; done < length;) {
        const { bytesRead } = await this.#handle.read(content, done, length - done, at + done);
        if (bytesRead === 0) return this.#end(at + done);
        done += bytesRead;
      }
      return ok(content);
    } catch (error) {
      return meaningOf(error, this.#path);
    }
  }

  async settle(): Promise<DriveResult<null>> {
    try {
      await this.#handle.sync();
      this.#unwritten = 0;
      await this.#hooks.forget();
      return ok(null);
    } catch (error) {
      return meaningOf(error, this.#path);
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
    await this.#hooks.released();
  }

  /** A device that is shorter than it said: fake sticks do that, and those that are being unplugged. */
  #end(at: number): DriveResult<never> {
    return driveRefusal(
      'broken',
      `${this.#path} ends at byte ${at}, sooner than it said it would.`,
    );
  }
}
