import type { OutputFile } from '../shared/domain/job.ts';

/** What a program does on simulated PCs: it counts until it is done. Sizes are bytes, times milliseconds of running. */
export interface SimulatedProgram {
  readonly work: number;
  /** What it occupies; its checkpoints, and what a move carries, are as large. */
  readonly memory: number;
  /** What it uses of its processors, 0 to 1. */
  readonly share: number;
  readonly exitCode: number;
  /** All that it has written once it has run for so long; what it wrote once it never takes back. */
  writes(ran: number): string;
  /** What it leaves when it ends well. */
  readonly leaves: readonly OutputFile[];
  /** Why it cannot be started at all. */
  readonly unstartable?: string;
}

/** Silent, small, mostly waiting, and over after `work`. */
export const plainProgram = (work: number): SimulatedProgram => ({
  ...{ work, memory: 1000, share: 0.01, exitCode: 0, leaves: [] },
  writes: () => '',
});

/** How long so many bytes are on their way between two PCs: the 940 Mbit/s that are left of a gigabit. */
export const transferTime = (bytes: number): number => Math.round(bytes / 117_500);
