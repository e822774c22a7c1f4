import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatSize } from '../../../shared/base/units.ts';
import type { ProgramEnd } from '../../ports/container-runtime.ts';
import type { Container } from './container.ts';
import { obstacleIn } from '../snapshots/criu-obstacles.ts';

/** Why crun ended before the program was there. */
export function whyNotThere({ folder }: Container, restoring: boolean): string {
  const complaint = readText(folder.errorFile);
  if (!restoring)
    return `the container did not start: ${complaint.trim().split('\n').at(-1)?.slice(0, 300) ?? ''}`;
  const log = readText(join(folder.criu, 'restore.log'));
  return `it could not be restored: ${obstacleIn(log, complaint)}`;
}

/** What an exit code alone does not say. */
export function becauseOf(
  { folder, spec, limit }: Container,
  exitCode: number,
  outOfMemory: boolean,
): ProgramEnd['because'] {
  if (exitCode === 127) {
    const fault = readText(folder.fault).trim();
    if (fault !== '') return { cause: 'unstartable', reason: commandFault(spec, fault) };
  }
  if (!outOfMemory) return null;
  const reason =
    spec.memory === null
      ? `over the ${formatSize(limit)} of memory that its PC could spare; submit it with --memory, and it goes to a PC that has as much`
      : `over its memory limit of ${formatSize(spec.memory)}`;
  return { cause: 'limit', reason };
}

/** `fault`: as the wrapper in the container noted it. */
function commandFault({ command, environment, pack }: Container['spec'], fault: string): string {
  const [name = ''] = command;
  if (fault === 'input')
    return `its standard input "${environment['NIGHTSHIFT_STDIN'] ?? ''}" is not among its files`;
  if (fault === 'denied')
    return `"${name}" is not an executable file; submit it with its executable bit set or call its interpreter`;
  return name.includes('/')
    ? `there is no command "${name}" in the task's directory or the software pack ${pack}`
    : `there is no command "${name}" in the software pack ${pack}`;
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
