import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import { srunScript } from '../containers/shipped-scripts.ts';

/** Everything one attempt has on this PC, all of it in RAM. */
export interface TaskFolder {
  readonly base: string;
  /** Where the tmpfs with all that the program writes is mounted. */
  readonly files: string;
  /** /task of the program. */
  readonly task: string;
  /** /.nightshift of the program: the way of its output and what the wrapper notes. */
  readonly own: string;
  /** What it wrote elsewhere: the upper layer over the pack. */
  readonly upper: string;
  readonly overlayWork: string;
  readonly root: string;
  readonly bundle: string;
  /** CRIU's images. */
  readonly images: string;
  /** CRIU's own logs. */
  readonly criu: string;
  /** Its output, which the supervisor writes: out of the program's reach. */
  readonly log: string;
  /** The named pipe that is its output and its errors. */
  readonly out: string;
  readonly fault: string;
  readonly begun: string;
  readonly carried: string;
  readonly exitFile: string;
  readonly errorFile: string;
  /** What an agent that starts anew has to know. */
  readonly record: string;
}

export const taskFolder = (tasks: string, of: AttemptKey): TaskFolder =>
  taskFolderAt(join(tasks, attemptName(of)));

export function taskFolderAt(base: string): TaskFolder {
  const own = join(base, 'ns');
  const files = join(base, 's');
  return {
    base,
    files,
    task: join(files, 'task'),
    own,
    upper: join(files, 'u'),
    overlayWork: join(files, 'w'),
    root: join(base, 'root'),
    bundle: join(base, 'b'),
    images: join(base, 'img'),
    criu: join(base, 'criu'),
    log: join(own, 'log'),
    out: join(own, 'out'),
    fault: join(own, 'fault'),
    begun: join(own, 'begun'),
    carried: join(base, 'carried.json'),
    exitFile: join(base, 'exit'),
    errorFile: join(base, 'err'),
    record: join(base, 'record.json'),
  };
}

/** Synchronous: on a tmpfs each call takes microseconds, a thread pool more than the work itself. */
export function makeTaskFolder(folder: TaskFolder, user: number, cpus: number): void {
  for (const path of [folder.base, folder.files, folder.root, folder.bundle])
    mkdirSync(path, { mode: 0o755 });
  // The program may write into these files but put nothing else, such as a link, in their place.
  mkdirSync(folder.own, { mode: 0o755 });
  mkdirSync(join(folder.own, 'bin'), { mode: 0o755 });
  writeFileSync(join(folder.own, 'bin', 'srun'), srunScript, { mode: 0o755 });
  // Each processor is a line of PBS_NODEFILE; the container is the one host there is.
  writeFileSync(join(folder.own, 'nodes'), 'task\n'.repeat(cpus), { mode: 0o644 });
  writeFileSync(folder.log, '', { mode: 0o600 });
  for (const path of [folder.fault, folder.begun]) {
    writeFileSync(path, '', { mode: 0o600 });
    chownSync(path, user, user);
  }
}

/** What is in the tmpfs of its files. */
export function makeFilesFolders(folder: TaskFolder, user: number): void {
  for (const path of [folder.task, folder.upper, folder.overlayWork])
    mkdirSync(path, { mode: 0o755 });
  chownSync(folder.task, user, user);
}

/** What a program filled is removed in the background, the few files of one that wrote nothing at once. */
export async function removeTaskFolder(folder: TaskFolder): Promise<void> {
  try {
    if (isEmpty(folder.task) && isEmpty(folder.upper) && isEmpty(folder.images))
      rmSync(folder.base, { recursive: true, force: true });
    else await rm(folder.base, { recursive: true, force: true });
  } catch {
    await rm(folder.base, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return true;
  }
}

export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

export const writeJson = (path: string, value: unknown): void =>
  writeFileSync(path, JSON.stringify(value));
