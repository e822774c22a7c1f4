import { pathTextOf } from '../../shared/domain/path-text.ts';

/** A file here; bytes where its name is no text. */
export type LocalPath = string | Buffer;

/** For sentences and keys; two paths are never shown alike. */
export const shownPath = (path: LocalPath): string =>
  typeof path === 'string' ? path : pathTextOf(path).path;

/** What a file holds, and what programs look at besides. */
export interface Digest {
  readonly hash: string;
  readonly size: number;
  readonly executable: boolean;
  readonly mode: number;
  /** Nanoseconds since 1970. */
  readonly mtime: string;
  /** Which file it is, when it has several names; null: it has one. */
  readonly inode: string | null;
}
