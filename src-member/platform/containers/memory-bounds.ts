import { statfsSync } from 'node:fs';
import { defaultTaskMemory } from '../../../shared/domain/settings.ts';
import {
  filesWithin,
  hasRoomFor,
  keptFree,
  memoryLimits,
  unassigned,
  type MemoryHeld,
} from './memory-limits.ts';
import type { Cgroups } from './cgroups.ts';
import type { Container } from './container.ts';
import { mountFlags, type Supervisor } from './supervisor.ts';

/** Limits are written again when they are off by more than this part. */
const worthwhile = 1 / 16;

/**
 * Holds every task to its memory, what it writes included: a control group counts what it uses, and its files lie in a tmpfs
 * of its own that is a little smaller, so that a task which only writes is told "no space left" and goes on. What a task
 * has that named no memory follows what its PC can spare.
 */
export class MemoryBounds {
  readonly #groups: Cgroups;
  readonly #supervisor: Supervisor;
  /** Of the PC, in bytes. */
  readonly #memory: number;
  readonly #containers: () => Iterable<Container>;
  #together = 0;

  constructor(
    { groups, supervisor, memory }: { groups: Cgroups; supervisor: Supervisor; memory: number },
    containers: () => Iterable<Container>,
  ) {
    this.#groups = groups;
    this.#supervisor = supervisor;
    this.#memory = memory;
    this.#containers = containers;
  }

  /** What tasks may have together, in bytes. */
  spare(): number {
    return this.#spare([...this.#held().values()]);
  }

  /** What nobody has and nobody was promised. */
  unassigned(): number {
    const held = [...this.#held().values()];
    return unassigned(this.#spare(held), held);
  }

  hasRoomFor(needs: number): boolean {
    const held = [...this.#held().values()];
    return hasRoomFor(this.#spare(held), held, needs);
  }

  /** Less than half of what is always kept free: whatever is growing now has to stop. */
  isShort(): boolean {
    return this.#groups.freeMemory() < keptFree(this.#memory) / 2;
  }

  used(container: Container): number {
    if (container.state === 'made') return container.filesLimit > 0 ? filesIn(container) : 0;
    return this.#groups.memoryUsed(container.group) + container.placed;
  }

  /** Makes room for its files; `needs`: bytes it has already. Resolves with the errno of mount(2). */
  async open(container: Container, needs: number): Promise<number> {
    const held = this.#held();
    held.set(container, { named: container.spec.memory, promised: defaultTaskMemory, used: 0 });
    const at = [...held.keys()].indexOf(container);
    container.limit = memoryLimits(this.#spare([...held.values()]), [...held.values()])[at] ?? 0;
    container.limit = Math.max(container.limit, needs);
    const size = filesWithin(container.limit);
    container.filesLimit = size;
    const done = await this.#supervisor.mount(
      ...(['task', container.folder.files, 'tmpfs', 0] as const),
      // No more files than pages: the kernel's own memory for each is counted, too.
      `mode=755,size=${size},nr_inodes=${inodes(size)}`,
    );
    if (done !== 0) container.filesLimit = 0;
    return done;
  }

  /** What lies there before the program runs was written by the agent and is not in the program's group. */
  countPlaced(container: Container): void {
    container.placed = filesIn(container);
  }

  /** For its group: what it may have beside what was placed for it. */
  groupLimit({ limit, placed }: Container): number {
    return Math.max(leastOfGroup, limit - placed);
  }

  /** Called every half second and whenever a task begins. */
  adjust(): void {
    const held = this.#held();
    const all = [...held.values()];
    const limits = memoryLimits(this.#spare(all), all);
    [...held.keys()].forEach((container, at) => {
      if (container.spec.memory === null) this.#setLimit(container, limits[at] ?? 0);
    });
    const free = this.#groups.freeMemory() - keptFree(this.#memory) / 2;
    const together = this.#groups.memoryUsed('programs') + Math.max(0, free);
    if (!isOff(this.#together, together)) return;
    this.#together = together;
    this.#groups.limitMemory('programs', together);
  }

  #setLimit(container: Container, limit: number): void {
    if (container.state === 'ended' || !isOff(container.limit, limit)) return;
    container.limit = limit;
    if (container.state === 'running')
      this.#groups.limitMemory(container.group, this.groupLimit(container));
    const size = Math.max(filesWithin(limit), filesIn(container) + 4096);
    container.filesLimit = size;
    void this.#supervisor.mount(
      ...(['none', container.folder.files, 'tmpfs', mountFlags.remount] as const),
      `size=${size}`,
    );
  }

  #spare(held: readonly MemoryHeld[]): number {
    const used = held.reduce((sum, one) => sum + one.used, 0);
    return Math.max(0, this.#groups.freeMemory() + used - keptFree(this.#memory));
  }

  #held(): Map<Container, MemoryHeld> {
    const held = new Map<Container, MemoryHeld>();
    for (const container of this.#containers()) {
      if (container.filesLimit === 0) continue;
      const used = this.used(container);
      held.set(
        container,
        container.state === 'ended'
          ? { named: used, promised: 0, used }
          : { named: container.spec.memory, promised: defaultTaskMemory, used },
      );
    }
    return held;
  }
}

/** A shell and its tools run in less. */
const leastOfGroup = 16 * 1024 * 1024;

const inodes = (size: number): number => Math.max(1024, Math.floor(size / 4096));

const isOff = (now: number, wanted: number): boolean =>
  Math.abs(wanted - now) > worthwhile * Math.max(1, now);

function filesIn({ folder }: Container): number {
  try {
    const { blocks, bfree, bsize } = statfsSync(folder.files);
    return (blocks - bfree) * bsize;
  } catch {
    return 0;
  }
}
