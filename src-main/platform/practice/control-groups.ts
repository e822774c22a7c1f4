import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { refuse, type Result, ok } from '../../../shared/base/result.ts';
import type { Bytes } from '../../../shared/base/units.ts';
import { hierarchiesIn, type Hierarchy } from './hierarchies.ts';

export interface PcLimits {
  readonly cpus: number;
  readonly memory: Bytes;
}

/** In microseconds; the kernel's own default. */
const cpuPeriod = 100_000;
/** How long killed processes may take to be gone. */
const patience = 10_000;

/**
 * The groups of one lab: `<lab>/<part>` in the unified hierarchy and, where the machine has them, in the older ones for
 * memory and cpu. The kernel knows what runs in them, so no list of process ids can be out of date.
 */
export class ControlGroups {
  readonly #unified: string;
  readonly #older: readonly Hierarchy[];
  readonly #lab: string;

  private constructor(unified: string, older: readonly Hierarchy[], lab: string) {
    this.#unified = unified;
    this.#older = older;
    this.#lab = lab;
  }

  static open(lab: string): Result<ControlGroups> {
    const all = hierarchiesIn(readFileSync('/proc/self/mountinfo', 'utf8'));
    const unified = all.find(({ version }) => version === 2);
    if (unified === undefined) {
      return refuse(
        'refused',
        'practice PCs need control groups version 2, and they are not mounted here; run `mount -t cgroup2 none /sys/fs/cgroup/unified`.',
      );
    }
    const older = all.filter(({ version }) => version === 1);
    return ok(new ControlGroups(unified.mount, older, lab));
  }

  /** Controllers of the older hierarchies, as `mount -o` wants them. */
  get olderControllers(): readonly string[] {
    return this.#older.map(({ controllers }) => controllers);
  }

  /** Makes the groups of a part and names their folders. */
  make(part: string, limits?: PcLimits): readonly string[] {
    const lab = join(this.#unified, this.#lab);
    mkdirSync(lab, { recursive: true });
    handDown(this.#unified);
    handDown(lab);
    const folders = this.#folders(part);
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    if (limits !== undefined) for (const folder of folders) limit(folder, limits);
    return folders;
  }

  /** Whether a process of it lives. */
  isPopulated(part: string): boolean {
    return isPopulated(this.#folder(part));
  }

  pids(part: string): readonly number[] {
    return pidsBelow(this.#folder(part));
  }

  /** Kills what runs in it, frozen or not, and takes the groups away. */
  async end(part: string): Promise<void> {
    await killAll(this.#folder(part));
    for (const folder of this.#folders(part)) await removeGroup(folder);
  }

  /** The same with the whole lab. */
  async endLab(): Promise<void> {
    await killAll(join(this.#unified, this.#lab));
    for (const mount of [this.#unified, ...this.#older.map((hierarchy) => hierarchy.mount)]) {
      await removeGroup(join(mount, this.#lab));
    }
  }

  #folder(part: string): string {
    return join(this.#unified, this.#lab, part);
  }

  #folders(part: string): readonly string[] {
    return [this.#folder(part), ...this.#older.map(({ mount }) => join(mount, this.#lab, part))];
  }
}

/** Gives the groups below the controllers that are there; none are where the older hierarchies hold them. */
function handDown(folder: string): void {
  for (const controller of read(join(folder, 'cgroup.controllers')).trim().split(' ')) {
    if (['cpu', 'memory', 'pids'].includes(controller)) {
      tryWrite(join(folder, 'cgroup.subtree_control'), `+${controller}`);
    }
  }
}

/** Twice what tasks on all processors may have: no PC takes this machine's processes from the others. */
const mostProcesses = (cpus: number): number => 2048 * (cpus + 1);

/** Each file exists in one kind of hierarchy only. */
function limit(folder: string, { cpus, memory }: PcLimits): void {
  const wishes: readonly (readonly [string, string])[] = [
    ['memory.max', String(memory)],
    ['memory.swap.max', '0'],
    ['pids.max', String(mostProcesses(cpus))],
    ['cpu.max', `${cpus * cpuPeriod} ${cpuPeriod}`],
    ['memory.limit_in_bytes', String(memory)],
    ['cpu.cfs_period_us', String(cpuPeriod)],
    ['cpu.cfs_quota_us', String(cpus * cpuPeriod)],
  ];
  for (const [file, value] of wishes) tryWrite(join(folder, file), value);
}

const isPopulated = (folder: string): boolean =>
  /^populated 1$/m.test(read(join(folder, 'cgroup.events')));

async function killAll(folder: string): Promise<void> {
  const until = performance.now() + patience;
  while (isPopulated(folder)) {
    // Linux 5.14 and later kill a whole group at once; before, one by one until none is left.
    if (!tryWrite(join(folder, 'cgroup.kill'), '1')) {
      for (const pid of pidsBelow(folder)) tryKill(pid);
    }
    if (performance.now() > until) throw new Error(`processes in ${folder} cannot be killed`);
    await pause(5);
  }
}

function pidsBelow(folder: string): readonly number[] {
  const own = read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  return [...own, ...groupsIn(folder).flatMap((name) => pidsBelow(join(folder, name)))];
}

/** The kernel lets go of a group a moment after its last process; a busy one is asked again. */
async function removeGroup(folder: string): Promise<void> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      removeTree(folder);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await pause(10);
    }
  }
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of groupsIn(folder)) removeTree(join(folder, name));
  rmdirSync(folder);
}

function groupsIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tryWrite(path: string, text: string): boolean {
  try {
    if (!existsSync(path)) return false;
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}
