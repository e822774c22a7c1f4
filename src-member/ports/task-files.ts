import type { Result } from '../../shared/base/result.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { BlobHash } from '../../shared/domain/ids.ts';
import type { OutputFile } from '../../shared/domain/job.ts';
import type { TreeNode } from '../../shared/domain/tree.ts';

/**
 * unreachable: the head does not answer, try again when it does; refused: it answered no (its disk is full);
 * absent: it does not have that blob.
 */
export interface BlobFault {
  readonly why: 'unreachable' | 'refused' | 'absent';
  readonly reason: string;
}

export interface StoredAt {
  readonly hash: BlobHash;
  readonly size: number;
}

/** The head's blobs. */
export interface HeadBlobs {
  /** `of`: the attempt it belongs to, which keeps it on the head until it has ended. */
  store(bytes: AsyncIterable<Uint8Array>, of: AttemptKey): Promise<Result<StoredAt, BlobFault>>;
  /**
   * The bytes as they come; reading them fails with an error, before their end, when the connection breaks or they are not
   * what the hash says.
   */
  read(hash: BlobHash): Promise<Result<AsyncIterable<Uint8Array>, BlobFault>>;
}

/**
 * What patterns found. `list`: it is too much to be told at once and stands in this blob; then there is none here.
 * `missed`: a sentence about the first pattern that matched nothing, or about more than one task may leave.
 */
export interface Collected {
  readonly outputs: readonly OutputFile[];
  readonly nodes?: readonly TreeNode[];
  readonly list?: StoredAt;
  readonly missed: string | null;
}

/** Files that a program left or goes on writing. */
export interface TaskFiles {
  /** Stores what the patterns match on the head, also when one of them matches nothing. The program has ended. */
  collect(of: AttemptKey, patterns: readonly string[]): Promise<Result<Collected, BlobFault>>;
  /** What is being collected of it is given up. */
  stopCollecting(of: AttemptKey): void;
  /** Stores the output so far; null when there is none. */
  storeLog(of: AttemptKey): Promise<Result<BlobHash | null, BlobFault>>;
  /**
   * Pieces of the output from `offset`, at most 32 KiB each, as fast as `piece` resolves. `end` once, when all is told
   * and, with `follow`, the attempt is over or `stop` was called.
   */
  followLog(
    of: AttemptKey,
    offset: number,
    follow: boolean,
    reader: { piece(offset: number, base64: string): Promise<void>; end(offset: number): void },
  ): { stop(): void };
  /** Nothing more will be written; whoever follows gets the rest and its end. */
  endLog(of: AttemptKey): void;
}
