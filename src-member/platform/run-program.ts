import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** 128 + signal; 127 when it could not be started. */
  readonly code: number;
  /** The end of what it said on both outputs. */
  readonly said: string;
}

const remembered = 4000;

/** Runs a short-lived tool to its end; never throws. */
export function runProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      cwd: '/',
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    const remember = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-remembered);
    };
    child.stdin.on('error', () => undefined);
    child.stdin.end();
    child.stdout.on('data', remember);
    child.stderr.on('data', remember);
    child.once('error', (error) => resolve({ code: 127, said: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? (signal ? 137 : 255), said }));
  });
}
