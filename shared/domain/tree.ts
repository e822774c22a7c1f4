import type { PathText } from './path-text.ts';

/**
 * What programs look at in a tree besides names and contents. `make` compares times, interpreters look for x bits,
 * package managers for links. Absent where an older member or client sent a file without.
 */
export interface FileTraits extends PathText {
  /** Permission bits, 0 to 0o777; never set-user-id and its like. */
  readonly mode?: number | undefined;
  /** Nanoseconds since 1970 as decimal digits: a number of JSON is not exact enough. */
  readonly mtime?: string | undefined;
  /** Files of one tree with the same number are one file under several names. */
  readonly hard?: number | undefined;
}

/** What is in a tree without having a content of its own. */
export type TreeNode =
  | (PathText & { readonly kind: 'folder'; readonly mode: number; readonly mtime: string })
  | (PathText & {
      readonly kind: 'link';
      readonly target: string;
      /** The target is written as an `escaped` path is. */
      readonly targetEscaped?: true | undefined;
      readonly mtime: string;
    });

/** Files, folders and links of one task, going in or coming out; beyond that an archive is the better way. */
export const largestTree = 100_000;
