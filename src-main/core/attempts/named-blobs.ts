import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';

/** A blob that a member says it has sent; `size` null: the message does not tell it. */
export interface NamedBlob {
  readonly hash: BlobHash;
  readonly size: number | null;
}

/** What the head knows of a blob that it has. */
export type HasBlob = (hash: BlobHash) => { readonly size: number } | undefined;

/** Every blob a message refers to: each is sent first and spoken of later, and much may happen in between. */
export function namedBlobs(message: ToHead): readonly NamedBlob[] {
  switch (message.t) {
    case 'ended':
      return [...message.outputs, ...ofLog(message.log)];
    case 'checkpointed':
      return [message, ...ofLog(message.log)];
    default:
      return [];
  }
}

const ofLog = (log: BlobHash | null): readonly NamedBlob[] =>
  log === null ? [] : [{ hash: log, size: null }];

/** Those that are not here as they were named. */
export function absentBlobs(named: readonly NamedBlob[], has: HasBlob): ReadonlySet<BlobHash> {
  const absent = new Set<BlobHash>();
  for (const { hash, size } of named) {
    const here = has(hash);
    if (here === undefined || (size !== null && here.size !== size)) absent.add(hash);
  }
  return absent;
}
