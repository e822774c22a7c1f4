import { open, type FileHandle } from 'node:fs/promises';
import { ok, type Result } from '../../../shared/base/result.ts';
import type { Drive, DriveIdentity, ErasableDrive } from '../../../shared/domain/drive.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type { BlockDevice, DriveResult, Drives } from '../../ports/block-device.ts';
import { driveRefusal, meaningOf } from './drive-refusal.ts';
import type { DriveSystem } from './drive-system.ts';
import { OpenDevice } from './open-device.ts';

/** The rules of src-main/core/boot-image/drive-safety.ts, which are the same on every system. */
export interface DriveRules {
  /** Names one stick at one place. */
  identityOf(drive: Drive): DriveIdentity;
  swappedSentence(path: string): string;
  /** Why a drive is never written; what was true when it was chosen may not be any more. */
  faultOf(drive: Drive, all: readonly Drive[]): string | undefined;
}

/** Drives of this machine, opened only when they are still what was judged. */
export class SystemDrives implements Drives {
  readonly #system: DriveSystem;
  readonly #rules: DriveRules;

  constructor(system: DriveSystem, rules: DriveRules) {
    this.#system = system;
    this.#rules = rules;
  }

  list(): Promise<Result<readonly Drive[]>> {
    return this.#system.list();
  }

  async open(drive: ErasableDrive): Promise<DriveResult<BlockDevice>> {
    const { path } = drive;
    const system = this.#system;
    const before = await this.#isStill(drive);
    if (!before.ok) return before;
    const { now, all } = before.value;
    const fault = this.#rules.faultOf(now, all);
    if (fault !== undefined) return driveRefusal('busy', `${path} is not written: ${fault}.`);
    const freed = await system.free(now);
    if (!freed.ok) return freed;
    let handle: FileHandle;
    try {
      handle = await open(system.rawPath(path), system.flags);
    } catch (error) {
      return meaningOf(error, path, system.rightsHint);
    }
    // What is open cannot be swapped any more, so this look is the one that counts.
    const after = await this.#isStill(drive);
    if (!after.ok) {
      await handle.close();
      return after;
    }
    return ok(
      new OpenDevice(path, handle, drive.size, {
        forget: () => system.forget(path),
        released: () => system.released(path),
      }),
    );
  }

  async #isStill(
    drive: ErasableDrive,
  ): Promise<DriveResult<{ readonly now: Drive; readonly all: readonly Drive[] }>> {
    const { path } = drive;
    const listed = await this.list();
    if (!listed.ok) return driveRefusal('broken', refusalWords(listed.error));
    const now = listed.value.find((one) => one.path === path);
    if (now === undefined || now.size === 0) {
      return driveRefusal('vanished', `${path} is not there any more; was it unplugged?`);
    }
    return this.#rules.identityOf(now) === drive.identity
      ? ok({ now, all: listed.value })
      : driveRefusal('swapped', this.#rules.swappedSentence(path));
  }
}
