import type { Epoch, TaskId } from './ids.ts';

/** Names one attempt of one task. */
export interface AttemptKey {
  readonly task: TaskId;
  readonly epoch: Epoch;
}

/** As a key of maps: `12.3.4` is attempt 4 of task 12.3. */
export const attemptName = ({ task, epoch }: AttemptKey): string => `${task}.${epoch}`;
