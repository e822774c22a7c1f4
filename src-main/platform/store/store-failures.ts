import { dirname } from 'node:path';

/** The disk has no room for what had to be stored; nothing of it was. The message is fit for people. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull';

  constructor(path: string, cause: unknown) {
    super(`the head's disk is full; free some space in ${dirname(path)}, then try again.`, {
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
const sqlite = {
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

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}

export function asStoreFailure(path: string, error: unknown): Error {
  const code = resultCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return (code & 0xff) === sqlite.full || code === ioErrorShmSize
    ? new StoreFull(path, error)
    : new StoreBroken(path, error);
}

/** Why a store cannot be opened, and what to do. */
export function openingFault(path: string, error: unknown): string {
  switch ((resultCode(error) ?? 0) & 0xff) {
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

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
