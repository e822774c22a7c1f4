import { readFileSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { cutNote, logFirst } from '../../../shared/domain/log-bounds.ts';

/** How far into a line the end of a flood is searched for its next one. */
const longestLine = 64 * 1024;
const chunkBytes = 256 * 1024;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

export const hasLog = (log: string): boolean => sizeOf(log) > 0;

/** Where the end of a flood begins, in bytes since the program began; nothing while all of its output is there. */
export function cutOf(log: string): number | undefined {
  try {
    const to = Number(readFileSync(`${log}.cut`, 'utf8'));
    return to > logFirst ? to : undefined;
  } catch {
    return undefined;
  }
}

/** The first byte of a whole line at or after an offset. */
export async function lineAfter(file: FileHandle, offset: number): Promise<number> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(longestLine), 0, longestLine, offset);
  const end = buffer.subarray(0, bytesRead).indexOf(10);
  return end === -1 ? offset : offset + end + 1;
}

/**
 * A program's output as far as it has come, with a note where the middle of a flood was. The program may go on writing:
 * what is said is no further than it is now.
 */
export async function* logBytes(log: string): AsyncGenerator<Uint8Array> {
  const size = sizeOf(log);
  if (size === 0) return;
  await using file = await open(log, 'r');
  let at = 0;
  while (at < size) {
    const overtaken = at >= logFirst ? cutOf(log) : undefined;
    if (overtaken !== undefined && at < overtaken) {
      const next = await lineAfter(file, overtaken);
      yield Buffer.from(cutNote(next - at));
      at = next;
      continue;
    }
    // Never across the place where a hole may begin.
    const most = Math.min(chunkBytes, size - at, at < logFirst ? logFirst - at : Infinity);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, at);
    if (bytesRead === 0) return;
    // The hole may have been made while it was read.
    if (at >= logFirst && at < (cutOf(log) ?? 0)) continue;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
