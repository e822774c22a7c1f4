import { spawn } from 'node:child_process';
import { ok, refuse, type Result } from '../../../../shared/base/result.ts';
import { lastLine, toolPath } from '../run-tool.ts';

/**
 * Starts a QEMU that outlives us, in the PC's folder, since its arguments name files there; resolves when the PC has
 * power. `inside` is a command to start it by.
 */
export function startQemu(
  folder: string,
  inside: readonly string[],
  words: readonly string[],
): Promise<Result<null>> {
  const [program = '', ...rest] = [...inside, 'qemu-system-x86_64', ...words];
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PATH: toolPath, LC_ALL: 'C' },
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('error', (error) => resolve(refuse('failed', error.message)));
    // It leaves for the background when all is set up.
    child.once('exit', (code) => {
      child.stderr.destroy();
      resolve(
        code === 0 ? ok(null) : refuse('failed', lastLine(said) || `QEMU ended with ${code}`),
      );
    });
  });
}
