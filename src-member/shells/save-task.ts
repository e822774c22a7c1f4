import type { Clock } from '../../shared/ports/clock.ts';
import type { ContainerRuntime } from '../ports/container-runtime.ts';
import type { HeadBlobs, TaskFiles } from '../ports/task-files.ts';
import type { Outcome } from '../core/attempts/outcomes.ts';
import type { Directive } from '../core/attempts/turn.ts';

export interface SavePorts {
  readonly runtime: ContainerRuntime;
  readonly blobs: HeadBlobs;
  readonly files: TaskFiles;
  readonly clock: Clock;
}

/**
 * Freezes, copies and stores. When the program is to go on it does so as soon as the copy is complete (`copied`); a
 * program that is suspended stays frozen, so its freeze time is all of it.
 */
export async function saveTask(
  { runtime, blobs, files, clock }: SavePorts,
  { of, then, wallTimeLeft }: Extract<Directive, { readonly d: 'save' }>,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const failed = (reason: string): void => tell({ o: 'save-failed', of, reason });
  const obstacle = await runtime.obstacle(of);
  if (obstacle !== null) {
    failed(obstacle);
    return;
  }
  const began = clock.now();
  await runtime.freeze(of);
  const takenAt = clock.wall();
  const { cpuSeconds } = runtime.usage(of);
  const taken = await runtime.snapshot(of, { cpuSeconds, wallTimeLeft }, then === 'continue');
  if (!taken.ok) {
    failed(taken.error.reason);
    return;
  }
  const { apart } = taken.value;
  if (apart) tell({ o: 'copied', of });
  const copied = clock.now() - began;
  const stored = await blobs.store(taken.value.bytes(), of);
  await taken.value.drop();
  if (!stored.ok) {
    const { reason } = stored.error;
    failed(taken.value.trouble() ?? `its state could not be stored on the head: ${reason}`);
    return;
  }
  const log = await files.storeLog(of);
  if (!log.ok) {
    failed(`its output could not be stored on the head: ${log.error.reason}`);
    return;
  }
  const freezeMs = apart ? copied : clock.now() - began;
  tell({
    o: 'saved',
    of,
    saved: { ...stored.value, takenAt, log: log.value, cpuSeconds, freezeMs },
  });
}
