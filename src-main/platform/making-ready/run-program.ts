import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../shared/node/project-root.ts';
import { nodeCommand } from './build-when-changed.ts';

export interface Program {
  readonly pid: number | undefined;
  /** Its exit code, 128 + the number of the signal that ended it. */
  readonly ended: Promise<number>;
}

const commandOf = (path: string, args: readonly string[]): readonly [string, ...string[]] =>
  nodeCommand(join(projectRoot, path), ...args);

/** Runs a program of this checkout as our child. A signal that ends us ends it first. */
export const runProgram = (path: string, args: readonly string[], stdio: StdioOptions): Program =>
  runCommand(commandOf(path, args), stdio);

/** The same for any program. */
export function runCommand(
  [program, ...words]: readonly [string, ...string[]],
  stdio: StdioOptions,
): Program {
  const child = spawn(program, words, { stdio });
  // In a terminal ^C reaches the child by itself; sent on, it would arrive twice.
  const stay = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', process.stdin.isTTY ? stay : pass);
  process.on('SIGTERM', pass);
  process.on('SIGHUP', pass);
  return { pid: child.pid, ended: endOf(child) };
}

/** Becomes another program of this checkout: same process, same number. Returns only where the system cannot. */
export async function becomeProgram(path: string, args: readonly string[]): Promise<number> {
  const [node, ...words] = commandOf(path, args);
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...words], process.env);
  }
  return runProgram(path, args, 'inherit').ended;
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
