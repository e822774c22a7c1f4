import { open } from 'node:fs/promises';
import { ok } from '../../../shared/base/result.ts';
import type { ErasableFile } from '../../../shared/domain/drive.ts';
import type { BlockDevice, DriveResult, ImageFiles } from '../../../shared/ports/block-device.ts';
import { meaningOf } from './drive-refusal.ts';
import { OpenDevice } from './open-device.ts';

const nothing = (): Promise<void> => Promise.resolve();

/** Image files begin as zeros of their whole size; the file system keeps the unwritten parts out of the disk. */
export const imageFiles: ImageFiles = {
  async open({ path, size }: ErasableFile): Promise<DriveResult<BlockDevice>> {
    try {
      // Only its owner may read it: it carries the lab's token.
      const handle = await open(path, 'w+', 0o600);
      await handle.truncate(size);
      return ok(new OpenDevice(path, handle, size, { forget: nothing, released: nothing }));
    } catch (error) {
      return meaningOf(error, path);
    }
  },
};
