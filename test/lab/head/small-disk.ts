import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export interface SmallDisk extends Disposable {
  readonly folder: string;
}

/** A file system of a few MiB of its own, mounted on `folder`. Root only. */
export function smallDisk(folder: string, mebibytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', folder]);
  return {
    folder,
    // Lazily: a head that was killed a moment ago may not have let go of its files.
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', folder]),
  };
}
