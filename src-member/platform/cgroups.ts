import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';

/** Hierarchies of this PC whose root is our own group. */
export interface Hierarchies {
  /** cgroup2: freezer, `cgroup.kill` and processor time are there even without controllers. */
  readonly unified: string;
  /** Whether cgroup2 itself limits memory and processors. */
  readonly controls: boolean;
  /** Version 1, on machines that still have the controllers there. */
  readonly memory: string | null;
  readonly cpu: string | null;
}

/** proc_pid_mountinfo(5): `id parent major:minor root mountpoint options… - type source superoptions`. */
export function findHierarchies(mountInfo: string): Hierarchies | undefined {
  let unified: string | undefined;
  let memory: string | null = null;
  let cpu: string | null = null;
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, mountPoint = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (root !== '/') continue; // a group outside of our namespace
    if (type === 'cgroup2') unified ??= mountPoint;
    if (type !== 'cgroup') continue;
    if (options.split(',').includes('memory')) memory ??= mountPoint;
    if (options.split(',').includes('cpu')) cpu ??= mountPoint;
  }
  if (unified === undefined) return undefined;
  const controllers = read(join(unified, 'cgroup.controllers')).split(/\s+/);
  return { unified, controls: controllers.includes('memory'), memory, cpu };
}

const period = 100_000;

export class Cgroups {
  readonly #at: Hierarchies;

  constructor(hierarchies: Hierarchies) {
    this.#at = hierarchies;
    if (hierarchies.controls) this.#delegate();
  }

  /** A group with processes of its own may not hand controllers down, so ours move into a child. */
  #delegate(): void {
    const { unified } = this.#at;
    const own = join(unified, 'agent');
    mkdirSync(own, { recursive: true });
    for (const pid of read(join(unified, 'cgroup.procs')).split('\n').filter(Boolean))
      write(join(own, 'cgroup.procs'), pid);
    write(join(unified, 'cgroup.subtree_control'), '+memory +cpu');
  }

  /** Makes what the parent of the container has to enter first; when restoring, a group for CRIU's own processes, too. */
  prepare(id: string, spec: TaskSpec, restoring: boolean): readonly string[] {
    const { memory, cpu, unified } = this.#at;
    const entered: string[] = [];
    if (memory !== null && spec.memory !== null) {
      const group = make(join(memory, id));
      limitMemory(group, spec.memory + (restoring ? restoreSpare : 0));
      entered.push(join(group, 'cgroup.procs'));
    }
    if (cpu !== null) {
      const group = make(join(cpu, id));
      write(join(group, 'cpu.cfs_quota_us'), String(spec.cpus * period));
      entered.push(join(group, 'cgroup.procs'));
    }
    if (restoring) entered.push(join(make(join(unified, `${id}.restore`)), 'cgroup.procs'));
    return entered;
  }

  /** The program is restored: its limit is its own again. */
  settle(id: string, spec: TaskSpec): void {
    const { memory } = this.#at;
    if (memory !== null && spec.memory !== null) limitMemory(join(memory, id), spec.memory);
  }

  /** For config.json. */
  resources(spec: TaskSpec): object {
    if (!this.#at.controls) return {};
    return {
      cpu: { quota: spec.cpus * period, period },
      ...(spec.memory === null ? {} : { memory: { limit: spec.memory, swap: spec.memory } }),
    };
  }

  setFrozen(id: string, frozen: boolean): boolean {
    return write(join(this.#at.unified, id, 'cgroup.freeze'), frozen ? '1' : '0');
  }

  isFrozen(id: string): boolean {
    return /^frozen 1$/m.test(this.#events(id));
  }

  isPopulated(id: string): boolean {
    return [id, `${id}.restore`].some((group) => /^populated 1$/m.test(this.#events(group)));
  }

  #events(id: string): string {
    return read(join(this.#at.unified, id, 'cgroup.events'));
  }

  /** SIGKILL to all in it, frozen or not, at once. */
  killAll(id: string): void {
    for (const group of [id, `${id}.restore`])
      write(join(this.#at.unified, group, 'cgroup.kill'), '1');
  }

  /** As seen from here, so a signal can be sent to them. */
  processes(id: string): readonly number[] {
    return read(join(this.#at.unified, id, 'cgroup.procs'))
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
    for (const thread of read(join(this.#at.unified, id, 'cgroup.threads')).split('\n'))
      if (thread !== '' && /^\d+ \(.*\) D /s.test(read(`/proc/${thread}/stat`))) return true;
    return false;
  }

  /**
   * `tid:ms:switches,…`: for how long each thread has not run, and how often it went to sleep before. Both of the kernel's own
   * times are of its scheduler's clock, ours at most a tick old.
   */
  idleTimes(id: string): string {
    const now = ranAt(read('/proc/thread-self/sched'));
    return read(join(this.#at.unified, id, 'cgroup.threads'))
      .split('\n')
      .filter(Boolean)
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
    const used = /^usage_usec (\d+)$/m.exec(read(join(this.#at.unified, id, 'cpu.stat')));
    return Number(used?.[1] ?? 0) / 1e6;
  }

  memoryUsed(id: string): number {
    const { unified, memory } = this.#at;
    const counted =
      read(join(unified, id, 'memory.current')) ||
      (memory === null ? '' : read(join(memory, id, 'memory.usage_in_bytes')));
    if (counted !== '') return Number(counted);
    let pages = 0;
    for (const pid of this.processes(id))
      pages += Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0);
    return pages * 4096;
  }

  /** What may still be used on this PC: of the machine, and of our own group's share of it. */
  freeMemory(): number {
    const { unified, memory } = this.#at;
    const machine =
      Number(/^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo'))?.[1] ?? 0) * 1024;
    const limit2 = Number(read(join(unified, 'memory.max')).trim() || 'NaN');
    const share2 = limit2 - Number(read(join(unified, 'memory.current')));
    const share1 = memory === null ? NaN : shareOf(memory);
    return Math.min(...[machine, share1, share2].filter((free) => !Number.isNaN(free)));
  }

  wasOutOfMemory(id: string): boolean {
    const { unified, memory } = this.#at;
    const counts =
      read(join(unified, id, 'memory.events')) +
      (memory === null ? '' : read(join(memory, id, 'memory.oom_control')));
    return Number(/^oom_kill (\d+)$/m.exec(counts)?.[1] ?? 0) > 0;
  }

  /** Empty groups only; the kernel may need a moment after the last process. */
  async remove(id: string): Promise<void> {
    const { unified, memory, cpu } = this.#at;
    const groups = [
      join(unified, id),
      join(unified, `${id}.restore`),
      ...(memory === null ? [] : [join(memory, id)]),
      ...(cpu === null ? [] : [join(cpu, id)]),
    ];
    for (const group of groups) await removeGroup(group);
  }

  /** Ids of groups that a former agent made. */
  async left(prefix: string): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const folder of [this.#at.unified, this.#at.memory, this.#at.cpu]) {
      if (folder === null) continue;
      for (const name of await readdir(folder))
        if (name.startsWith(prefix)) names.add(name.replace(/\.restore$/, ''));
    }
    return [...names];
  }
}

/** Milliseconds; proc(5) knows nothing of this file, kernel/sched/debug.c does. */
const ranAt = (sched: string): number =>
  Number(/^se\.exec_start +: +(\d+\.\d+)$/m.exec(sched)?.[1] ?? NaN) || 0;

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

/** What CRIU itself needs while it makes a program again, within the program's limit. */
const restoreSpare = 64 * 1024 * 1024;

/** Without swap accounting there is no second file. A limit may only grow in this order and shrink in the other. */
function limitMemory(group: string, limit: number): void {
  const files = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
  for (const file of [...files, ...files]) write(join(group, file), String(limit));
}

/** Pages of files that were only read are given back when need be. */
function shareOf(group: string): number {
  const limit = Number(read(join(group, 'memory.limit_in_bytes')).trim() || 'NaN');
  const used = Number(read(join(group, 'memory.usage_in_bytes')));
  const cached = /^total_inactive_file (\d+)$/m.exec(read(join(group, 'memory.stat')))?.[1];
  return limit - used + Number(cached ?? 0);
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
