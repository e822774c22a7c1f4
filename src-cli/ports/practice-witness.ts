/**
 * What somebody sees who stands beside the practice lab and takes nobody's word: neither the head's nor the members'.
 * src-cli/platform has the real one.
 */
export interface Witness {
  /** Writes tar files of about equal size from real files of a folder; deterministic. */
  slices(
    from: string,
    into: string,
    count: number,
    bytesEach: number,
  ): Promise<readonly { readonly index: number; readonly path: string }[]>;
  /** Whether decompressing the archive yields the very file. */
  isArchiveOf(archive: string, original: string): Promise<boolean>;
  /** Starts to look, many times a second, which task's processes run on which PC; what it saw is told by `doubles`. */
  watchTasks(): void;
  /** Sentences about tasks that were seen running in two places at once; stops looking. */
  doubles(): Promise<readonly string[]>;
  /** How many looks were taken and how many running tasks they saw, so that seeing nothing is not mistaken for order. */
  looks(): { readonly taken: number; readonly running: number };
  /** Writable mounts of the running PCs that lie outside RAM and the lab's own directory. */
  strayMounts(): Promise<readonly string[]>;
  /** A mark to compare later: paths, sizes and times of every file of the systems that the running PCs are made of. */
  systemMark(): Promise<string>;
  kill(pid: number): void;
  /** Where the member system's tree lies, to take real files from. */
  memberSystem(): Promise<string>;
  workFolder(): Promise<string>;
}
