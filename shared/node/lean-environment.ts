import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compiledFolder } from '../domain/settings.ts';

/**
 * What a head is started with, which lives all night and mostly waits.
 * - Its very first files are there as V8 compiled them at its last start. Not before the head has made the folder: Node would make
 *   the home as well, for everybody to read.
 * - Each TLS connection has a buffer of 64 KiB of which a heartbeat uses a few hundred bytes. glibc gives blocks above the threshold
 *   pages of their own, and what was never touched of them takes no memory, if it has no room of earlier blocks left to give:
 *   it neither asks the system for more than it needs (top pad) nor keeps what becomes free (trim threshold), mallopt(3).
 *   It costs no time: a heartbeat uses room that is there, and strace sees hardly any call for memory of an idle head.
 *   Tried beside it without a gain: one arena (MALLOC_ARENA_MAX), blocks from 32 KiB, a trim threshold of a MiB.
 */
export function leanEnvironment(home: string): NodeJS.ProcessEnv {
  const compiled = join(home, compiledFolder);
  return {
    ...(existsSync(compiled) ? { NODE_COMPILE_CACHE: compiled } : {}),
    MALLOC_MMAP_THRESHOLD_: String(16 * 1024),
    MALLOC_TOP_PAD_: '0',
    MALLOC_TRIM_THRESHOLD_: String(64 * 1024),
  };
}
