import { spawn } from 'node:child_process';
import { lastLine, toolPath } from './run-tool.ts';
import { refuse, ok, type Result } from '../../../shared/base/result.ts';

/**
 * Starts a script of `assets/practice` that outlives us, and waits for the one word it says when all stands. It is in a
 * session of its own and holds no file of ours but these two pipes, which it lets go with that word.
 */
export function startScript(
  script: string,
  environment: Readonly<Record<string, string>>,
  word: string,
): Promise<Result<null>> {
  return new Promise((resolve) => {
    const child = spawn('sh', [script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
      env: { ...environment, PATH: toolPath, LC_ALL: 'C' },
    });
    let said = '';
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.split('\n').includes(word)) return;
      child.unref();
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(ok(null));
    });
    child.once('error', (error) => resolve(refuse('failed', error.message)));
    // Not `exit`: the script goes on in another process that has the pipes.
    child.once('close', () => resolve(refuse('failed', lastLine(err) || 'it ended at once')));
  });
}
