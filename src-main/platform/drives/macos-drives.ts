import { constants } from 'node:fs';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { Drive } from '../../../shared/domain/drive.ts';
import type { DriveResult } from '../../ports/block-device.ts';
import { decodeDiskutil, disksToAsk } from './diskutil.ts';
import { driveRefusal } from './drive-refusal.ts';
import type { DriveSystem } from './drive-system.ts';
import { runToLines, type ToolLines } from './run-to-lines.ts';

/** Runs diskutil with these words; a test plays what it prints. */
export type RunDiskutil = (...words: readonly string[]) => Promise<ToolLines>;

/** O_EXLOCK of macOS (open(2) there), which Node does not name: nobody else may open it meanwhile. */
const exclusively = 0x20;

/** Disks as diskutil(8) tells them. Writing them needs root. */
export const macosDrives = (run: RunDiskutil = diskutil): DriveSystem => ({
  async list(): Promise<Result<readonly Drive[]>> {
    const listed = await run('list', '-plist');
    if (listed.code !== 0) {
      return refuse('failed', `diskutil failed: ${listed.lines.slice(-1).join('')}`);
    }
    const list = listed.lines.join('\n');
    const infos = new Map<string, string>();
    for (const disk of disksToAsk(list)) {
      const { code, lines } = await run('info', '-plist', disk);
      if (code === 0) infos.set(disk, lines.join('\n'));
    }
    return decodeDiskutil(list, infos);
  },

  // The raw device of the same disk: not through the system's memory, in whole sectors, and much faster.
  rawPath: (path) => path.replace(/^\/dev\/disk/, '/dev/rdisk'),
  flags: constants.O_RDWR | exclusively,
  rightsHint: 'run the head as root: sudo',

  async free({ path, uses }: Drive): Promise<DriveResult<null>> {
    // Volumes of APFS lie on another disk for diskutil; the disk itself comes last.
    const mounts = uses.flatMap(({ mountedAt }) => mountedAt);
    for (const words of [...mounts.map((at) => ['unmount', at]), ['unmountDisk', path]]) {
      const { code } = await run(...words);
      if (code === 0) continue;
      return driveRefusal('busy', `${path} is in use; close what is open on it and try again.`);
    }
    return ok(null);
  },

  forget: () => Promise.resolve(),
  released: () => Promise.resolve(),
});

const diskutil: RunDiskutil = (...words) => runToLines(['diskutil', ...words]);
