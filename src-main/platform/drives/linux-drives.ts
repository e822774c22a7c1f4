import { constants } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { Drive, DriveIdentity, ErasableDrive } from '../../../shared/domain/drive.ts';
import type { BlockDevice, DriveResult, Drives } from '../../ports/block-device.ts';
import { runLines } from '../../../shared/node/run-lines.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { driveRefusal, meaningOf } from './drive-refusal.ts';
import { decodeLsblk, lsblkColumns } from './lsblk.ts';
import { OpenDevice } from './open-device.ts';

export interface LinuxDrivesParts {
  /** Names one stick at one place; src-main/core/boot-image/drive-safety.ts. */
  identityOf(drive: Drive): DriveIdentity;
  swappedSentence(path: string): string;
  /** Why a drive is never written; what was true when it was chosen may not be any more. */
  faultOf(drive: Drive, all: readonly Drive[]): string | undefined;
  /** What the system says of its drives; a test may stand between. */
  readonly look?: () => Promise<Result<readonly Drive[]>>;
}

/** Drives as lsblk(8) tells them. */
export class LinuxDrives implements Drives {
  readonly #parts: LinuxDrivesParts;

  constructor(parts: LinuxDrivesParts) {
    this.#parts = parts;
  }

  list(): Promise<Result<readonly Drive[]>> {
    return (this.#parts.look ?? lookWithLsblk)();
  }

  async open(drive: ErasableDrive): Promise<DriveResult<BlockDevice>> {
    const { path } = drive;
    const before = await this.#isStill(drive);
    if (!before.ok) return before;
    const listed = await this.list();
    const fault = this.#parts.faultOf(before.value, listed.ok ? listed.value : []);
    if (fault !== undefined) return driveRefusal('busy', `${path} is not written: ${fault}.`);
    for (const at of before.value.uses.flatMap(({ mountedAt }) => mountedAt)) {
      const undone = await runLines(['umount', at]);
      if (undone.code !== 0) {
        return driveRefusal(
          'busy',
          `${path} is in use at ${at}; close what is open there and try again.`,
        );
      }
    }
    let handle: FileHandle;
    try {
      // Without O_CREAT, O_EXCL on a block device means: nobody has it mounted or in use, and nobody will (open(2)).
      handle = await open(path, constants.O_RDWR | constants.O_EXCL);
    } catch (error) {
      return meaningOf(error, path);
    }
    // What is open cannot be swapped any more, so this look is the one that counts.
    const after = await this.#isStill(drive);
    if (!after.ok) {
      await handle.close();
      return after;
    }
    return ok(
      new OpenDevice(path, handle, drive.size, {
        forget: () => forgetCache(path),
        // A partition table that the kernel does not read again is harmless: nobody uses these partitions.
        released: () => runLines(['blockdev', '--rereadpt', path]).then(() => undefined),
      }),
    );
  }

  async #isStill(drive: ErasableDrive): Promise<DriveResult<Drive>> {
    const { path } = drive;
    const listed = await this.list();
    if (!listed.ok) return driveRefusal('broken', refusalWords(listed.error));
    const now = listed.value.find((one) => one.path === path);
    if (now === undefined || now.size === 0) {
      return driveRefusal('vanished', `${path} is not there any more; was it unplugged?`);
    }
    return this.#parts.identityOf(now) === drive.identity
      ? ok(now)
      : driveRefusal('swapped', this.#parts.swappedSentence(path));
  }
}

/** Ioctl BLKFLSBUF: what is read next comes from the drive. */
async function forgetCache(path: string): Promise<void> {
  const ended = await runLines(['blockdev', '--flushbufs', path]);
  if (ended.code !== 0) throw new Error(`blockdev: ${ended.lastLines.join(' ')}`);
}

async function lookWithLsblk(): Promise<Result<readonly Drive[]>> {
  if (process.platform !== 'linux') {
    return refuse(
      'refused',
      'Only a head on Linux can write drives; make an image file with --to and write it with any tool.',
    );
  }
  const lines: string[] = [];
  const ask = (columns: string): ReturnType<typeof runLines> => {
    lines.length = 0;
    return runLines(['lsblk', '--json', '--bytes', '--output', columns], {
      onLine: (line) => lines.push(line),
    });
  };
  let ended = await ask(lsblkColumns);
  let mounts: string | undefined;
  const isTooOld = (): boolean => /unknown column/.test(ended.lastLines.join(' '));
  if (ended.code !== 0 && isTooOld()) {
    // Before 2.37 it tells one place at the most where a file system is mounted; the kernel tells all.
    mounts = await readFile('/proc/self/mountinfo', 'utf8');
    ended = await ask(lsblkColumns.replace('MOUNTPOINTS', 'MOUNTPOINT'));
  }
  if (ended.code !== 0) {
    return isTooOld()
      ? refuse('failed', 'lsblk of this machine is too old; util-linux 2.37 or newer is needed.')
      : refuse('failed', `lsblk failed: ${ended.lastLines.slice(-1).join('')}`);
  }
  const drives = decodeLsblk(lines.join('\n'), mounts);
  if (!drives.ok) return drives;
  return ok(await Promise.all(drives.value.map(withSequence)));
}

/** Older lsblk has no column for it. */
async function withSequence(drive: Drive): Promise<Drive> {
  const text = await readFile(`/sys/class/block/${basename(drive.path)}/diskseq`, 'utf8').catch(
    () => '',
  );
  return { ...drive, sequence: text.trim() === '' ? null : Number(text) };
}
