import { spawn, type ChildProcess } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import type { TaskFolder } from './task-folder.ts';
import { runProgram, type ProgramResult } from './run-program.ts';

/** With whiteouts (character devices 0:0) and overlayfs' own attributes, or the upper layer would lose deletions. */
const exact = ['--xattrs', '--xattrs-include=*', '--numeric-owner'];
const parts = ['carried.json', 'img', 'ns', 'task', 'u'];

export interface ByteStream {
  bytes(): AsyncIterable<Uint8Array>;
  /** Ends it early; harmless afterwards. */
  stop(): void;
}

/**
 * The folder's state as one compressed stream; reading it fails when tar does. zstd's level 1 keeps up with a gigabit
 * link on one core.
 */
export function packed(folder: string): ByteStream {
  let child: ChildProcess | undefined;
  return {
    stop: () => void child?.kill('SIGKILL'),
    async *bytes() {
      const running = spawn(
        'tar',
        ['-C', folder, ...exact, '-I', 'zstd -1 -T0', '-cf', '-', ...parts],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      child = running;
      let complaint = '';
      running.stderr.on('data', (chunk: Buffer) => {
        complaint = (complaint + chunk.toString()).slice(-500);
      });
      const closed = new Promise<number>((resolve) => {
        running.once('error', () => resolve(127));
        running.once('close', (code) => resolve(code ?? 137));
      });
      try {
        for await (const chunk of running.stdout) yield chunk as Buffer;
      } finally {
        if (running.exitCode === null) running.kill('SIGKILL');
      }
      const code = await closed;
      if (code !== 0) throw new Error(`tar ended with ${code}: ${complaint.trim()}`);
    },
  };
}

/** Unpacks as it arrives; the result says what went wrong. */
export async function unpack(
  folder: TaskFolder,
  bytes: AsyncIterable<Uint8Array>,
): Promise<ProgramResult> {
  const child = spawn('tar', ['-C', folder.base, ...exact, '-I', 'zstd', '-xpf', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-500);
  });
  const closed = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? 137));
  });
  try {
    await pipeline(bytes, child.stdin);
  } catch (error) {
    child.kill('SIGKILL');
    await closed;
    return { code: 255, said: said || (error instanceof Error ? error.message : String(error)) };
  }
  return { code: await closed, said };
}

/** A copy of the files that a program goes on changing. */
export const copyFiles = (from: TaskFolder, to: string): Promise<ProgramResult> =>
  runProgram(['cp', '-a', from.task, from.own, from.upper, to]);
