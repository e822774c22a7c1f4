/** A task as far as the memory of its PC is concerned; all in bytes. */
export interface MemoryHeld {
  /** What it named; null: it takes what its PC can spare. */
  readonly named: number | null;
  /** What the head set aside for it. */
  readonly promised: number;
  readonly used: number;
}

/** What a task that named nothing may grow by even when its PC has nothing to spare. */
const leastGrowth = 4 * 1024 * 1024;

/** What nobody has and nobody was promised, of all that tasks may have together. */
export function unassigned(spare: number, held: readonly MemoryHeld[]): number {
  let left = spare;
  for (const { named, promised, used } of held) left -= Math.max(named ?? promised, used);
  return Math.max(0, left);
}

/**
 * The limit of each. Tasks that named nothing share what is unassigned alike: so all of them together may always have what
 * they may have one by one, and none is ended because another was quick.
 */
export function memoryLimits(spare: number, held: readonly MemoryHeld[]): readonly number[] {
  const sharers = held.filter(({ named }) => named === null).length;
  const share = Math.max(leastGrowth, unassigned(spare, held) / Math.max(1, sharers));
  return held.map(({ named, promised, used }) =>
    Math.floor(named ?? Math.max(promised, used) + share),
  );
}

/** Whether a task that needs so much can come: nobody's use and nothing that was named is taken away for it. */
export function hasRoomFor(spare: number, held: readonly MemoryHeld[], needs: number): boolean {
  let left = spare;
  for (const { named, used } of held) left -= Math.max(named ?? 0, used);
  return needs <= left;
}

/** How large the files of a task may become: the program itself needs some of its memory, too. */
export function filesWithin(limit: number): number {
  const MiB = 1024 * 1024;
  return Math.floor(limit - Math.min(64 * MiB, Math.max(8 * MiB, limit / 8), limit / 2));
}

/** Kept free on a PC of this size, for the agent and its transfers. */
export function keptFree(memory: number): number {
  const MiB = 1024 * 1024;
  return Math.min(256 * MiB, Math.max(64 * MiB, memory / 16));
}
