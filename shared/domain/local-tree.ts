import { pathTextOf } from './path-text.ts';
import type { TreeNode } from './tree.ts';

/** A file on the disk of whoever types; bytes where its name is no text. */
export type LocalPath = string | Uint8Array;

/** For sentences and keys. */
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

/** Paths relative to the folder that was walked, forward slashes; bytes, one character of text each. */
export interface WalkedFolder {
  readonly files: readonly { readonly path: string; readonly absolute: LocalPath }[];
  /** The folder itself is the first, with an empty path. */
  readonly nodes: readonly (TreeNode & { readonly below: string })[];
  /** Links to nothing, or to a folder that they stand in; they are among the nodes. */
  readonly strays: readonly string[];
}

/** What is set on a file, folder or link after it was written; null: as it is. */
export interface Traits {
  readonly place: LocalPath;
  readonly mode: number | null;
  /** Nanoseconds since 1970. */
  readonly mtime: string | null;
}
