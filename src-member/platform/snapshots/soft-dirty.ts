import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const pageSize = 4096;
/** Linux, Documentation/admin-guide/mm/pagemap.rst: 64 bits a page, 55 for soft-dirty. */
const softDirty = 1n << 55n;

/**
 * Whether this kernel tells which pages a program wrote to, so that most of it can be copied while it runs. Our own stack
 * has been written to since it came to be; a kernel without the feature says so of no page. `criu check --feature
 * mem_dirty_track` tells the same in a hundred times the time.
 */
export function tracksDirtyPages(): boolean {
  try {
    const stack = /^[0-9a-f]+-([0-9a-f]+) .*\[stack\]$/m.exec(
      readFileSync('/proc/self/maps', 'utf8'),
    );
    const end = Number.parseInt(stack?.[1] ?? '', 16);
    if (!Number.isSafeInteger(end)) return false;
    const file = openSync('/proc/self/pagemap', 'r');
    try {
      const pages = Buffer.alloc(8 * 8);
      const read = readSync(file, pages, 0, pages.length, (end / pageSize) * 8 - pages.length);
      for (let at = 0; at + 8 <= read; at += 8)
        if ((pages.readBigUInt64LE(at) & softDirty) !== 0n) return true;
      return false;
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // no such files
  }
}
