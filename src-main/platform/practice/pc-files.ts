import { mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './host-commands.ts';

/** What a restarted head has to know of a PC; written before the PC can be seen. */
export interface PcRecord {
  readonly number: number;
  /** The `unshare` around the PC, in the head's own pid namespace, with its start time so that pids are never confused. */
  readonly process: { readonly pid: number; readonly started: string } | null;
  readonly unplugged: boolean;
  readonly cut: boolean;
  readonly cpus: number;
  readonly memory: number;
}

/** A PC's files below NIGHTSHIFT_HOME/practice/<pc>. */
export interface PcFolder {
  readonly folder: string;
  readonly identity: string;
  readonly keyboard: string;
  readonly screen: string;
  readonly log: string;
  readonly startLog: string;
}

export function pcFolder(home: string, pc: string): PcFolder {
  const folder = join(home, 'practice', pc);
  return {
    folder,
    identity: join(folder, 'identity.json'),
    keyboard: join(folder, 'console', 'keyboard'),
    screen: join(folder, 'console', 'screen'),
    log: join(folder, 'console', 'agent.log'),
    startLog: join(folder, 'start.log'),
  };
}

export async function prepareFolder(files: PcFolder): Promise<void> {
  await mkdir(join(files.folder, 'ram'), { recursive: true, mode: 0o700 });
  await mkdir(join(files.folder, 'console'), { recursive: true, mode: 0o700 });
  if (!(await stat(files.keyboard).catch(() => undefined)))
    await run('mkfifo', ['-m', '600', files.keyboard]);
  await writeFile(files.screen, '');
}

export async function readRecord(files: PcFolder): Promise<PcRecord | undefined> {
  const text = await readFile(join(files.folder, 'pc.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as PcRecord;
  } catch {
    return undefined; // torn by a crash in the very first write; the PC counts as never started
  }
}

export async function writeRecord(files: PcFolder, record: PcRecord): Promise<void> {
  const path = join(files.folder, 'pc.json');
  await writeFile(`${path}.new`, JSON.stringify(record));
  await rename(`${path}.new`, path);
}

export const forgetFolder = (files: PcFolder): Promise<void> =>
  rm(files.folder, { recursive: true, force: true });

/** Start time of a process in clock ticks since boot (proc_pid_stat(5), field 22), which no other process of that pid shares. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie is as good as gone.
  return fields[0] === 'Z' ? undefined : fields[19];
}

export async function isAlive(record: PcRecord): Promise<boolean> {
  return (
    record.process !== null && (await startTimeOf(record.process.pid)) === record.process.started
  );
}

const largestScreen = 256 * 1024;

/** What the screen shows: the newest drawing. The file is cut short when it has grown. */
export async function readScreen(files: PcFolder): Promise<string[]> {
  for (const path of [files.screen, files.log]) {
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (path === files.log && size > 16 * largestScreen) await truncate(path, 0);
    if (path === files.screen && size > largestScreen) {
      const last = newestDrawing(await readFile(path, 'utf8'));
      await truncate(path, 0);
      await writeFile(path, `=== screen ===\n${last.join('\n')}\n=== end ===\n`, { flag: 'a' });
    }
  }
  return newestDrawing(await readFile(files.screen, 'utf8').catch(() => ''));
}

/** Drawings stand between `=== screen ===` and `=== end ===`. */
export function newestDrawing(text: string): string[] {
  const begin = text.lastIndexOf('=== screen ===\n');
  if (begin < 0)
    return text
      .split('\n')
      .filter((line) => line !== '')
      .slice(-12);
  const end = text.indexOf('\n=== end ===', begin);
  return text.slice(begin + 15, end < 0 ? undefined : end).split('\n');
}
