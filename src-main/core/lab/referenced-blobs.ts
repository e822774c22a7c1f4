import type { BlobHash } from '../../../shared/domain/ids.ts';
import { isOver, type LabState } from './state.ts';

/** Blobs that something in the lab still needs. */
export function referencedBlobs(state: LabState): Set<BlobHash> {
  const found = new Set<BlobHash>();
  for (const job of state.jobs.values()) {
    const open = (state.index.open.get(job.id) ?? 0) > 0;
    if (open) for (const input of job.spec.inputs) found.add(input.hash);
  }
  for (const task of state.tasks.values()) {
    if (task.log) found.add(task.log);
    for (const output of task.outputs) found.add(output.hash);
    if (!isOver(task)) {
      for (const checkpoint of task.checkpoints) {
        found.add(checkpoint.hash);
        if (checkpoint.log) found.add(checkpoint.log);
      }
    }
  }
  return found;
}
