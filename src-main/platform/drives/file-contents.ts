import { open } from 'node:fs/promises';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';

/** Pieces of files of this machine. */
export const fileContents = {
  async read(file: string, at: number, length: number): Promise<Result<Uint8Array>> {
    const content = new Uint8Array(length);
    try {
      const handle = await open(file);
      try {
        const { bytesRead } = await handle.read(content, 0, length, at);
        if (bytesRead === length) return ok(content);
      } finally {
        await handle.close();
      }
    } catch {
      // Said below.
    }
    return refuse(
      'failed',
      `${file} cannot be read, or changed meanwhile; give the command again.`,
    );
  },
};
