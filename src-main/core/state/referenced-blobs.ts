import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import { isOver, type LabState } from './state.ts';

/** Asks for one blob after the other: all of them together would be too many for a list. */
export interface BlobReferences {
  has(hash: BlobHash): boolean;
}

/** What a task left. */
export function* blobsOf(task: Task): Iterable<BlobHash> {
  if (task.log) yield task.log;
  for (const output of task.outputs) yield output.hash;
}

/** Blobs that something in the lab still needs, but for what archived jobs left: the store knows that. */
export function referencedBlobs(state: LabState): Set<BlobHash> {
  const found = new Set<BlobHash>();
  for (const job of state.jobs.values()) {
    const open = (state.index.open.get(job.id) ?? 0) > 0;
    if (open) for (const input of job.spec.inputs) found.add(input.hash);
  }
  for (const task of state.tasks.values()) {
    for (const hash of blobsOf(task)) found.add(hash);
    if (!isOver(task)) {
      for (const checkpoint of task.checkpoints) {
        found.add(checkpoint.hash);
        if (checkpoint.log) found.add(checkpoint.log);
      }
    }
  }
  return found;
}
