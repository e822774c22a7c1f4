import { runLines } from '../../../shared/node/run-lines.ts';

/** A tool of the system that has ended. */
export interface ToolLines {
  /** Exit code, or the error's name. */
  readonly code: number | string;
  /** All that it printed, complaints among it. */
  readonly lines: readonly string[];
}

export async function runToLines(command: readonly [string, ...string[]]): Promise<ToolLines> {
  const lines: string[] = [];
  const { code } = await runLines(command, { onLine: (line) => lines.push(line) });
  return { code, lines };
}
