import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Ended {
  /** Exit code, or the signal's or error's name. */
  readonly code: number | string;
  readonly lastLines: readonly string[];
}

const linesKept = 20;

/**
 * Runs a command to its end; both outputs come line by line, in C.UTF-8 so that they can be read. What it makes everybody may
 * read, whatever the umask of whoever builds: others run it.
 */
export function runLines(
  [command, ...args]: readonly [string, ...string[]],
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly onLine?: (line: string) => void;
  } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const path = [process.env['PATH'], '/usr/local/sbin', '/usr/sbin', '/sbin'].join(':');
    const child = spawn(...openTo([command, ...args]), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: path, LC_ALL: 'C.UTF-8', ...options.environment },
    });
    const lastLines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (lastLines.push(line) > linesKept) lastLines.shift();
        options.onLine?.(line);
      });
    }
    child.on('error', (error) => resolve({ code: error.message, lastLines }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', lastLines }));
  });
}

function openTo(command: readonly string[]): [string, string[]] {
  if (process.platform === 'win32') return [command[0] ?? '', command.slice(1)];
  return ['/bin/sh', ['-c', 'umask 022; exec "$@"', 'sh', ...command]];
}
