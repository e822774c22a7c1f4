import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

/** The disk has no room for what had to be stored; nothing of it was. The message is fit for people. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull';

  constructor(path: string, cause: unknown) {
    super(refusalWords(refuseFor('failed', 'disk-full', { folder: dirname(path) }).error), {
      cause,
    });
  }
}

/** The store could not be read or written for any other reason. The message is fit for people. */
export class StoreBroken extends Error {
  override readonly name = 'StoreBroken';

  constructor(path: string, cause: unknown) {
    super(`${path} cannot be used (${firstLine(cause)}); check the disk it is on.`, { cause });
  }
}

/** https://www.sqlite.org/rescode.html; the low byte of an extended code is the plain one. */
export const sqlite = {
  error: 1,
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
};
/** The shared memory beside the log could not grow, which a full disk does as well. */
const ioErrorShmSize = 4874;

export function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}

export function asStoreFailure(path: string, error: unknown): Error {
  const code = resultCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return (code & 0xff) === sqlite.full || code === ioErrorShmSize || isFullFault(path, code)
    ? new StoreFull(path, error)
    : new StoreBroken(path, error);
}

/** Why a store cannot be opened, and what to do. */
export function openingFault(path: string, error: unknown): string {
  const code = resultCode(error) ?? 0;
  if (isFullFault(path, code)) return new StoreFull(path, error).message;
  switch (code & 0xff) {
    case sqlite.full:
      return new StoreFull(path, error).message;
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return `${path} is damaged and cannot be read; put it back from a backup, or move it away to begin with an empty lab.`;
    case sqlite.readOnly:
    case sqlite.cannotOpen:
      return `${path} cannot be opened for writing; check that this user may write to ${dirname(path)}.`;
    case sqlite.busy:
      return `${path} is held by another program; close it and start the head again.`;
    default:
      return new StoreBroken(path, error).message;
  }
}

/** So little is nothing: the log and its index beside the file want a few pages each. */
const nothingLeft = 512 * 1024;

/** SQLite says "disk I/O error" when it cannot make room for the files beside the store, which on a full disk is no news. */
function isFullFault(path: string, code: number): boolean {
  const kind = code & 0xff;
  if (kind !== sqlite.ioError && kind !== sqlite.cannotOpen) return false;
  return isDiskFull(dirname(path));
}

export function isDiskFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < nothingLeft;
  } catch {
    return false;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
