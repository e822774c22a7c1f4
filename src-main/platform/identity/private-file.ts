import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
  chmodSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Replaces a file as a whole and for good: after a power cut it holds the old text or the new one. Mode 0600. */
export function writePrivateFile(path: string, text: string): void {
  const folder = dirname(path);
  const draft = join(folder, `.${randomBytes(6).toString('hex')}.draft`);
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    unlinkSync(draft);
    throw error;
  }
  closeSync(file);
  try {
    renameSync(draft, path);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  }
  syncFolder(folder);
}

/** After a rename done elsewhere. */
export const syncFolderOf = (path: string): void => syncFolder(dirname(path));

/** Undefined: there is none. What is thrown says which file, where the system itself would not: of a folder in its place. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw Object.assign(error as Error, { path });
  }
}

export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** A rename is on the disk once its folder is. Windows has no such call. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
