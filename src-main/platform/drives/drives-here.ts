import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { refuse } from '../../../shared/base/result.ts';
import type { ErasableDrive } from '../../../shared/domain/drive.ts';
import type { BlockDevice, DriveResult, Drives } from '../../ports/block-device.ts';
import type { DriveSystem } from './drive-system.ts';
import { DriveWriter, writerCommandHere } from './drive-writer-process.ts';
import { linuxDrives } from './linux-drives.ts';
import { macosDrives } from './macos-drives.ts';
import { SystemDrives, type DriveRules } from './system-drives.ts';
import { windowsDrives } from './windows-drives.ts';

/** The drives of this machine, as its operating system tells them. */
export function drivesHere(rules: DriveRules): Drives {
  const direct = new SystemDrives(systemOf(process.platform), rules);
  const helper = process.getuid?.() === 0 ? undefined : writerCommandHere();
  return helper === undefined ? direct : new DrivesByWriter(direct, helper);
}

function systemOf(platform: NodeJS.Platform): DriveSystem {
  switch (platform) {
    case 'linux':
      return linuxDrives;
    case 'win32':
      return windowsDrives();
    case 'darwin':
      return macosDrives();
    default:
      return {
        ...linuxDrives,
        list: async () =>
          refuse(
            'refused',
            `Drives of this system (${platform}) cannot be written; make an image file with --to and write it with any tool.`,
          ),
      };
  }
}

/** A user without rights lists drives, and a helper that has them writes: the person is asked once. */
class DrivesByWriter implements Drives {
  readonly #direct: Drives;
  readonly #helper: DriveWriter;

  constructor(direct: Drives, helper: readonly [string, ...string[]]) {
    this.#direct = direct;
    this.#helper = new DriveWriter(helper);
  }

  list(): ReturnType<Drives['list']> {
    return this.#direct.list();
  }

  async open(drive: ErasableDrive): Promise<DriveResult<BlockDevice>> {
    const mayWrite = await access(drive.path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
    // Nor may such a user undo its mounts.
    return mayWrite && drive.mountedAt.length === 0
      ? this.#direct.open(drive)
      : this.#helper.open(drive);
  }
}
