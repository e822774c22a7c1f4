import { open, rm, stat } from 'node:fs/promises';
import { ok } from '../../../shared/base/result.ts';
import type { ErasableFile } from '../../../shared/domain/drive.ts';
import type { BlockDevice, DriveResult, FileThere, ImageFiles } from '../../ports/block-device.ts';
import { driveRefusal, meaningOf } from './drive-refusal.ts';
import { OpenDevice } from './open-device.ts';

const nothing = (): Promise<void> => Promise.resolve();

/** Image files begin as zeros of their whole size; the file system keeps the unwritten parts out of the disk. */
export const imageFiles: ImageFiles = {
  async there(path: string): Promise<FileThere> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return 'missing';
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'other';
  },

  async open({ path, size }: ErasableFile): Promise<DriveResult<BlockDevice>> {
    try {
      // Only its owner may read it: it carries the lab's token.
      const handle = await open(path, 'w+', 0o600);
      // A file that was there before keeps its mode otherwise.
      await handle.chmod(0o600);
      await handle.truncate(size);
      return ok(new OpenDevice(path, handle, size, { forget: nothing, released: nothing }));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      return code === 'ENOENT' || code === 'ENOTDIR'
        ? driveRefusal('vanished', `The folder of ${path} is not there; make it first.`)
        : meaningOf(error, path);
    }
  },

  async discard({ path }: ErasableFile): Promise<void> {
    await rm(path, { force: true });
  },
};
