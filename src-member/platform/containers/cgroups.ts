import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mebibytes } from '../../../shared/base/units.ts';

/** Hierarchies of this PC whose root is our own group. */
export interface Hierarchies {
  /** cgroup2: freezer, `cgroup.kill` and processor time are there even without controllers. */
  readonly unified: string;
  /** What cgroup2 itself limits. */
  readonly controllers: ReadonlySet<string>;
  /** Version 1, on machines that still have the controllers there. */
  readonly memory: string | null;
  readonly cpu: string | null;
  readonly pids: string | null;
}

/** proc_pid_mountinfo(5): `id parent major:minor root mountpoint options… - type source superoptions`. */
export function findHierarchies(mountInfo: string): Hierarchies | undefined {
  let unified: string | undefined;
  let memory: string | null = null;
  let cpu: string | null = null;
  let pids: string | null = null;
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, mountPoint = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (root !== '/') continue; // a group outside of our namespace
    if (type === 'cgroup2') unified ??= mountPoint;
    if (type !== 'cgroup') continue;
    if (options.split(',').includes('memory')) memory ??= mountPoint;
    if (options.split(',').includes('cpu')) cpu ??= mountPoint;
    if (options.split(',').includes('pids')) pids ??= mountPoint;
  }
  if (unified === undefined) return undefined;
  const controllers = new Set(
    read(join(unified, 'cgroup.controllers')).split(/\s+/).filter(Boolean),
  );
  return { unified, controllers, memory, cpu, pids };
}

const period = 100_000;

/** Processes and threads of a task. */
export const mostProcesses = 1024;

/** Bytes that tasks cannot have of the agent's own. */
const agentReserve = mebibytes(128);

/** What a task may have; its memory may be changed while it runs. */
export interface GroupLimits {
  readonly cpus: number;
  readonly memory: number;
}

/**
 * Every task has a group below `programs`, which holds all of them together, and its container a group below that (`c`), named
 * as CRIU finds it again on any PC. The limits stand on the outer one: the runtime takes the inner one away when the
 * program ends, and with it whatever was counted there.
 */
export class Cgroups {
  readonly #at: Hierarchies;

  constructor(hierarchies: Hierarchies) {
    this.#at = hierarchies;
    if (hierarchies.controllers.size > 0) this.#delegate();
    for (const mount of this.#mounts()) {
      mkdirSync(join(mount, 'programs'), { recursive: true });
      this.#handDown(join(mount, 'programs'));
    }
  }

  /** Group of the container with this id, from which its name on other PCs comes. */
  static groupOf(id: string): string {
    return `programs/${id}/c`;
  }

  /** A group with processes of its own may not hand controllers down, so ours move into a child. */
  #delegate(): void {
    const { unified } = this.#at;
    const own = join(unified, 'agent');
    mkdirSync(own, { recursive: true });
    for (const pid of read(join(unified, 'cgroup.procs')).split('\n').filter(Boolean))
      write(join(own, 'cgroup.procs'), pid);
    this.#handDown(unified);
    write(join(own, 'memory.min'), String(agentReserve));
  }

  #handDown(group: string): void {
    for (const controller of ['memory', 'cpu', 'pids'])
      if (this.#at.controllers.has(controller))
        write(join(group, 'cgroup.subtree_control'), `+${controller}`);
  }

  #mounts(): readonly string[] {
    const { unified, memory, cpu, pids } = this.#at;
    return [...new Set([unified, memory, cpu, pids].filter((mount) => mount !== null))];
  }

  /** Whether the kernel holds tasks to their memory. */
  get limitsMemory(): boolean {
    return this.#at.memory !== null || this.#at.controllers.has('memory');
  }

  /** Makes what the parent of the container has to enter first; when restoring, a group for CRIU's own processes, too. */
  prepare(group: string, { cpus, memory }: GroupLimits, restoring: boolean): readonly string[] {
    const outer = outerOf(group);
    for (const mount of this.#mounts()) mkdirSync(join(mount, outer), { recursive: true });
    this.#handDown(join(this.#at.unified, outer));
    this.limitMemory(group, memory + (restoring ? restoreSpare : 0));
    const spare = restoring ? restoreProcesses : 0;
    this.#writeLimit(group, 'pids', 'pids.max', String(mostProcesses + spare));
    write(join(this.#at.unified, outer, 'cpu.max'), `${cpus * period} ${period}`);
    if (this.#at.cpu !== null)
      write(join(this.#at.cpu, outer, 'cpu.cfs_quota_us'), String(cpus * period));
    const entered = this.#mounts()
      .filter((mount) => mount !== this.#at.unified)
      .map((mount) => join(mount, outer));
    if (restoring) entered.push(make(join(this.#at.unified, restorerOf(group))));
    return entered.map((folder) => join(folder, 'cgroup.procs'));
  }

  /** The program is restored: its limits are its own again. */
  settle(group: string, { memory }: GroupLimits): void {
    this.limitMemory(group, memory);
    this.#writeLimit(group, 'pids', 'pids.max', String(mostProcesses));
  }

  /** `programs`: all of them together. */
  limitMemory(group: string, limit: number): void {
    const outer = outerOf(group);
    const bytes = String(Math.floor(limit));
    if (this.#at.memory !== null) limitMemoryV1(join(this.#at.memory, outer), bytes);
    if (!this.#at.controllers.has('memory')) return;
    write(join(this.#at.unified, outer, 'memory.max'), bytes);
    write(join(this.#at.unified, outer, 'memory.swap.max'), '0');
  }

  #writeLimit(group: string, controller: 'pids', file: string, value: string): void {
    const mount = this.#at[controller] ?? this.#at.unified;
    write(join(mount, outerOf(group), file), value);
  }

  setFrozen(id: string, frozen: boolean): boolean {
    return write(join(this.#at.unified, id, 'cgroup.freeze'), frozen ? '1' : '0');
  }

  isFrozen(id: string): boolean {
    return /^frozen 1$/m.test(this.#events(id));
  }

  isPopulated(id: string): boolean {
    return [id, restorerOf(id)].some((group) => /^populated 1$/m.test(this.#events(group)));
  }

  #events(id: string): string {
    return read(join(this.#at.unified, id, 'cgroup.events'));
  }

  /** SIGKILL to all in it, frozen or not, at once. */
  killAll(id: string): void {
    for (const group of [id, restorerOf(id)])
      write(join(this.#at.unified, group, 'cgroup.kill'), '1');
  }

  /** As seen from here, so a signal can be sent to them. */
  processes(id: string): readonly number[] {
    return this.#numbersIn(id, 'cgroup.procs');
  }

  /** The same of each of their threads. */
  threads(id: string): readonly number[] {
    return this.#numbersIn(id, 'cgroup.threads');
  }

  #numbersIn(id: string, file: string): readonly number[] {
    return read(join(this.#at.unified, id, file))
      .split('\n')
      .filter(Boolean)
      .map(Number);
  }

  /**
   * Whether a frozen thread waits for its child to begin its program (vfork, as shells and Python start others). No tracer
   * can stop it then, and the frozen child never begins: CRIU would give up after ten seconds. Such a thread is in
   * uninterruptible sleep, other frozen ones are not.
   */
  isAmidVfork(id: string): boolean {
    for (const thread of this.threads(id))
      if (/^\d+ \(.*\) D /s.test(read(`/proc/${thread}/stat`))) return true;
    return false;
  }

  /**
   * `tid:ms:switches,…`: for how long each thread has not run, and how often it went to sleep before. Both of the kernel's own
   * times are of its scheduler's clock, ours at most a tick old.
   */
  idleTimes(id: string): string {
    const now = ranAt(read('/proc/thread-self/sched'));
    return this.threads(id)
      .map((thread) => {
        const facts = read(`/proc/${thread}/sched`);
        const slept = /^nr_voluntary_switches +: +(\d+)$/m.exec(facts)?.[1] ?? '0';
        return `${thread}:${Math.max(0, now - ranAt(facts)).toFixed(3)}:${slept}`;
      })
      .join(',');
  }

  folderOf(id: string): string {
    return join(this.#at.unified, id);
  }

  cpuSeconds(id: string): number {
    const used = /^usage_usec (\d+)$/m.exec(read(join(this.#at.unified, outerOf(id), 'cpu.stat')));
    return Number(used?.[1] ?? 0) / 1e6;
  }

  /** Without pages of files that were only read, which are given back when need be. `programs`: all of them together. */
  memoryUsed(group: string): number {
    const { unified, memory } = this.#at;
    const outer = outerOf(group);
    const used =
      usedOf(join(unified, outer)) ?? (memory === null ? null : usedOf(join(memory, outer)));
    if (used !== null) return used;
    let pages = 0;
    for (const pid of this.processes(group))
      pages += Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0);
    return pages * 4096;
  }

  /** What may still be used on this PC: of the machine, and of our own group's share of it. */
  freeMemory(): number {
    const { unified, memory } = this.#at;
    const machine =
      Number(/^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo'))?.[1] ?? 0) * 1024;
    const shares = [unified, memory].flatMap((group) =>
      group === null ? [] : (freeOf(group) ?? []),
    );
    return Math.min(machine, ...shares);
  }

  /** Whether the kernel killed a process of it for its memory. */
  wasOutOfMemory(group: string): boolean {
    const { unified, memory } = this.#at;
    const outer = outerOf(group);
    const counts =
      read(join(unified, outer, 'memory.events')) +
      (memory === null ? '' : read(join(memory, outer, 'memory.oom_control')));
    return Number(/^oom_kill (\d+)$/m.exec(counts)?.[1] ?? 0) > 0;
  }

  /** Empty groups only; the kernel may need a moment after the last process. */
  async remove(group: string): Promise<void> {
    const { unified } = this.#at;
    for (const inner of [group, restorerOf(group)]) await removeGroup(join(unified, inner));
    for (const mount of this.#mounts()) await removeGroup(join(mount, outerOf(group)));
  }

  /** Groups that a former agent made. */
  async left(prefix: string): Promise<readonly string[]> {
    const groups = new Set<string>();
    for (const mount of this.#mounts()) {
      for (const name of await readdir(join(mount, 'programs')))
        if (name.startsWith(prefix)) groups.add(Cgroups.groupOf(name));
      // Of programs whose checkpoints are older than the groups below `programs`.
      for (const name of await readdir(mount))
        if (name.startsWith(prefix)) groups.add(name.replace(/\.restore$/, ''));
    }
    return [...groups];
  }
}

/** Milliseconds; proc(5) knows nothing of this file, kernel/sched/debug.c does. */
const ranAt = (sched: string): number =>
  Number(/^se\.exec_start +: +(\d+\.\d+)$/m.exec(sched)?.[1] ?? NaN) || 0;

const outerOf = (group: string): string => group.replace(/\/c$/, '');

/** CRIU's own processes while it makes a program again: within its limits. */
const restorerOf = (group: string): string =>
  group.endsWith('/c') ? group.replace(/c$/, 'r') : `${group}.restore`;

async function removeGroup(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (!existsSync(path)) return;
    try {
      rmdirSync(path);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** What CRIU itself needs while it makes a program again, within the program's limits. */
const restoreSpare = 64 * 1024 * 1024;
const restoreProcesses = 64;

/** Without swap accounting there is no second file. A limit may only grow in this order and shrink in the other. */
function limitMemoryV1(group: string, limit: string): void {
  const files = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
  for (const file of [...files, ...files]) write(join(group, file), limit);
}

/** Both versions call the same things by other names; version 1 counts groups below only in what begins with `total_`. */
const counted = {
  used: ['memory.current', 'memory.usage_in_bytes'],
  limit: ['memory.max', 'memory.limit_in_bytes'],
  files: ['total_cache', 'file'],
  tmpfs: ['total_shmem', 'shmem'],
} as const;

function numberIn(group: string, files: readonly string[]): number | null {
  for (const file of files) {
    const text = read(join(group, file)).trim();
    if (/^\d+$/.test(text)) return Number(text);
  }
  return null;
}

function countIn(stat: string, names: readonly string[]): number {
  for (const name of names) {
    const count = new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

function usedOf(group: string): number | null {
  const used = numberIn(group, counted.used);
  if (used === null) return null;
  const stat = read(join(group, 'memory.stat'));
  const readOnly = countIn(stat, counted.files) - countIn(stat, counted.tmpfs);
  return Math.max(0, used - Math.max(0, readOnly));
}

/** Null: it has no limit. */
function freeOf(group: string): number | null {
  const limit = numberIn(group, counted.limit);
  const used = usedOf(group);
  return limit === null || used === null ? null : Math.max(0, limit - used);
}

function make(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

/** A file of a group that is gone reads as nothing. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function write(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}
