import type { TaskState } from './job.ts';

export const taskStates = [
  'queued',
  'running',
  'suspended',
  'done',
  'failed',
  'cancelled',
] as const satisfies readonly TaskState[];

/**
 * What a task does, finer than its state: of one that is on no machine the state itself, or `held`. `recalled`: it is being taken
 * back; `frozen`: its machine does not answer; `storing`: it has ended and its results wait there. Words: task-words.ts.
 */
export const taskPhases = [
  ...taskStates,
  'held',
  'starting',
  'resuming',
  'moving',
  'saving',
  'suspending',
  'stopping',
  'recalled',
  'frozen',
  'storing',
] as const;
export type TaskPhase = (typeof taskPhases)[number];
