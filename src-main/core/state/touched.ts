import type { BlobHash, JobId, MemberId, TaskId } from '../../../shared/domain/ids.ts';

/** What changed, so that projections and watchers follow. */
export interface Touched {
  lab: boolean;
  /** By machine key. */
  readonly seats: Set<string>;
  readonly members: Set<MemberId>;
  readonly jobs: Set<JobId>;
  /** Those of which every task may show differently, though no event spoke of each. */
  readonly jobsAsWhole: Set<JobId>;
  /** Jobs whose tasks have left the memory, and the blobs that these left. */
  readonly refs: Map<JobId, ReadonlySet<BlobHash>>;
  readonly tasks: Set<TaskId>;
}

/** For replays that follow no one. */
export const untouched = (): Touched => ({
  lab: false,
  seats: new Set(),
  members: new Set(),
  jobs: new Set(),
  jobsAsWhole: new Set(),
  refs: new Map(),
  tasks: new Set(),
});
