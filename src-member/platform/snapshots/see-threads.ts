import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { callIn, type ThreadSeen } from './spoiled-waits.ts';

/** What can be seen of threads, by their number on this machine; those that have ended meanwhile are left out. */
export function seeThreads(threads: readonly number[]): readonly ThreadSeen[] {
  return threads.flatMap((thread) => {
    try {
      const stat = readFileSync(`/proc/${thread}/stat`, 'utf8');
      const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
      return [{ state, call: callIn(readFileSync(`/proc/${thread}/syscall`, 'utf8')) }];
    } catch {
      return [];
    }
  });
}

/** Whether a process runs a program for 32-bit processors (elf(5): EI_CLASS). */
export function is32Bit(process: number): boolean {
  try {
    const head = Buffer.alloc(5);
    const file = openSync(`/proc/${process}/exe`, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
    return head.toString('latin1', 0, 4) === '\x7fELF' && head[4] === 1;
  } catch {
    return false; // it has ended, or never was more than a thread of the kernel
  }
}
