// What of a head's home is opened before anything listens: the lock, the store, the blobs. Constructs and connects only.
import { dirname } from 'node:path';
import { ok, refuse, type Result } from '../shared/base/result.ts';
import { refuseFor } from '../shared/domain/refusals.ts';
import { mebibytes } from '../shared/base/units.ts';
import { UnreadableEntry } from './core/log-form/form.ts';
import { openLabStore, type LabStore } from './lab-store.ts';
import { imageChoiceFault } from './platform/system-builder/boot-image-store.ts';
import { BlobStore } from './platform/blobs/blob-store.ts';
import { makeHome, type HeadHome } from './platform/home/head-home.ts';
import { lockHome } from './platform/home/home-lock.ts';
import { netbootSettingsFault } from './platform/netboot/netboot-settings-file.ts';
import { StoreBroken, StoreFull } from './platform/store/store-failures.ts';

/** Left free on the disk for the event log when uploads fill it. */
const keepFree = mebibytes(64);

export interface OpenedHome {
  readonly labStore: LabStore;
  readonly blobs: BlobStore;
}

/** `own`: what to close at the end, in the opposite order. */
export function openHome(
  home: HeadHome,
  own: (close: () => void) => void,
  log: (line: string) => void,
): Result<OpenedHome> {
  makeHome(home);
  const lock = lockHome(home.folder);
  if (!lock.ok) return lock;
  own(() => lock.value.dispose());
  const labStore = openLabStore(home, log);
  if (!labStore.ok) return labStore;
  own(() => labStore.value.close());
  if (labStore.value.mended !== null) log(labStore.value.mended);
  const damaged = netbootSettingsFault(home.netboot) ?? imageChoiceFault(home.images);
  if (damaged !== null) return refuse('failed', damaged);
  return ok({ labStore: labStore.value, blobs: new BlobStore(home.blobs, keepFree) });
}

/** A file or folder of the home that the system will not open, in one sentence; anything else is a surprise and thrown on. */
export function refuseFile(error: unknown): Result<never> {
  if (
    error instanceof StoreFull ||
    error instanceof StoreBroken ||
    error instanceof UnreadableEntry
  )
    return refuse('failed', error.message);
  const { code, dest, path: first } = error as Readonly<Record<'code' | 'dest' | 'path', unknown>>;
  const path = dest ?? first;
  if (typeof code !== 'string' || typeof path !== 'string') throw error;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return refuseFor('failed', 'disk-full', { folder: dirname(path) });
  return refuse(
    'failed',
    `${path} cannot be used (${reasons[code] ?? code}); put it right, or put the whole home back from a backup (nightshift restore).`,
  );
}

const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is no folder',
  EEXIST: 'something else stands there',
  EACCES: 'this user may not read or write it',
  EPERM: 'this user may not change it',
  ELOOP: 'its links go round in circles',
  EROFS: 'its disk is read-only',
  EIO: 'the disk fails',
};
