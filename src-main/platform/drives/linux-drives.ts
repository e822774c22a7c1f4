import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { Drive } from '../../../shared/domain/drive.ts';
import { runLines } from '../../../shared/node/run-lines.ts';
import type { DriveResult } from '../../ports/block-device.ts';
import { driveRefusal } from './drive-refusal.ts';
import type { DriveSystem } from './drive-system.ts';
import { runToLines, type ToolLines } from './run-to-lines.ts';
import { decodeLsblk, lsblkColumns } from './lsblk.ts';

/** Drives as lsblk(8) tells them. */
export const linuxDrives: DriveSystem = {
  list: lookWithLsblk,
  rawPath: (path) => path,
  // Without O_CREAT, O_EXCL on a block device means: nobody has it mounted or in use, and nobody will (open(2)).
  flags: constants.O_RDWR | constants.O_EXCL,
  rightsHint: 'run the head as root, or as a user who may',

  async free({ path, uses }): Promise<DriveResult<null>> {
    for (const at of uses.flatMap(({ mountedAt }) => mountedAt)) {
      const undone = await runLines(['umount', at]);
      if (undone.code !== 0) {
        return driveRefusal(
          'busy',
          `${path} is in use at ${at}; close what is open there and try again.`,
        );
      }
    }
    return ok(null);
  },

  /** Ioctl BLKFLSBUF. */
  async forget(path: string): Promise<void> {
    const ended = await runLines(['blockdev', '--flushbufs', path]);
    if (ended.code !== 0) throw new Error(`blockdev: ${ended.lastLines.join(' ')}`);
  },

  /** A partition table that the kernel does not read again is harmless: nobody uses these partitions. */
  released: (path) => runLines(['blockdev', '--rereadpt', path]).then(() => undefined),
};

async function lookWithLsblk(): Promise<Result<readonly Drive[]>> {
  const ask = (columns: string): Promise<ToolLines> =>
    runToLines(['lsblk', '--json', '--bytes', '--output', columns]);
  let ended = await ask(lsblkColumns);
  let mounts: string | undefined;
  const isTooOld = (): boolean => /unknown column/.test(ended.lines.join(' '));
  if (ended.code !== 0 && isTooOld()) {
    // Before 2.37 it tells one place at the most where a file system is mounted; the kernel tells all.
    mounts = await readFile('/proc/self/mountinfo', 'utf8');
    ended = await ask(lsblkColumns.replace('MOUNTPOINTS', 'MOUNTPOINT'));
  }
  if (ended.code !== 0) {
    return isTooOld()
      ? refuse('failed', 'lsblk of this machine is too old; util-linux 2.37 or newer is needed.')
      : refuse('failed', `lsblk failed: ${ended.lines.slice(-1).join('')}`);
  }
  const drives = decodeLsblk(ended.lines.join('\n'), mounts);
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
