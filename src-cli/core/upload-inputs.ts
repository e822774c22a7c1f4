import { formatSize } from '../../shared/base/units.ts';
import { count } from './count.ts';
import type { CollectedInputs } from './collect-inputs.ts';
import type { LocalPath } from '../../shared/domain/local-tree.ts';
import type { Head, Terminal } from './ports.ts';
import { must } from './refused.ts';

/** As many as the blob client has connections. */
const atOnce = 4;

/**
 * Sends what the head does not have yet. When that took long it asks once more for all of it, and again: the head keeps
 * for some hours what nothing refers to, and each question begins them anew.
 */
export async function uploadInputs(
  head: Head,
  terminal: Terminal,
  { sources }: CollectedInputs,
  now: () => number,
): Promise<void> {
  for (let round = 1; round <= mostRounds; round += 1) {
    const missing: Missing[] = [];
    await inParallel([...sources], async ([hash, source]) => {
      if (!(await head.blobs.has(hash))) missing.push({ hash, ...source });
    });
    if (missing.length === 0) return;
    const began = now();
    await send(head, terminal, missing);
    if (now() - began < soon) return;
  }
}

interface Missing {
  readonly hash: string;
  readonly path: LocalPath;
  readonly size: number;
}

/** Milliseconds after which what was sent first is surely there. */
const soon = 600_000;
/** What is still missing then is refused by the head, by name. */
const mostRounds = 4;

async function send(head: Head, terminal: Terminal, missing: readonly Missing[]): Promise<void> {
  const all = missing.reduce((sum, { size }) => sum + size, 0);
  let sent = 0;
  let done = 0;
  const show = (): void =>
    terminal.progress(
      `Sending ${count(missing.length, 'file')}: ${done} done, ${formatSize(sent)} of ${formatSize(all)}`,
    );
  await inParallel(missing, async ({ hash, path, size }) => {
    must(
      await head.blobs.put(path, hash, size, (bytes) => {
        sent += bytes;
        show();
      }),
    );
    done += 1;
    show();
  });
  terminal.progress(null);
}

/** Runs over all items, a few at a time; the first failure ends it. */
export async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
