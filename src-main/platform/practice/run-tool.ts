import { spawn } from 'node:child_process';

export interface ToolEnd {
  readonly ok: boolean;
  readonly out: string;
  /** The last line of what it complained of, or why it could not be started. */
  readonly complaint: string;
}

/** Root's own folders are not on everybody's PATH, and Debian keeps `ip` there. */
export const toolPath = [process.env['PATH'], '/usr/local/sbin', '/usr/sbin', '/sbin'].join(':');

/** Runs a tool of the operating system to its end. Words are handed over as they are: no shell reads them. */
export function runTool(command: string, words: readonly string[], input = ''): Promise<ToolEnd> {
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: toolPath, LC_ALL: 'C' },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.on('error', () => undefined); // it ended without reading to the end
    child.stdin.end(input);
    child.once('error', (error) => resolve({ ok: false, out, complaint: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, out, complaint: lastLine(err) }));
  });
}

/** `ip -batch` says the reason first and the number of the line after it. */
export const lastLine = (text: string): string =>
  text
    .split('\n')
    .findLast((line) => line.trim() !== '' && !line.startsWith('Command failed'))
    ?.trim() ?? '';
