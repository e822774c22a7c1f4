import type { NoFacts, Told } from './told.ts';
import type { JobId } from './ids.ts';
import type { Misfit } from './misfit.ts';
import type { Reason } from './reasons.ts';

/** How the job ended that another was to start after; `never-starts`: it waits for ever itself. */
export type VainEnd = 'failed' | 'cancelled' | 'never-starts' | 'unknown';

/** Why a PC of the lab takes no tasks. */
export type ClosedFor =
  'cordoned' | 'not-connected' | 'enrolling' | 'draining' | 'suspect' | 'lost' | 'released';

/** What a task waits for. Its words stand in shared/words/waiting-words.ts. */
export interface WaitingFacts {
  'task-held': { readonly because: Reason };
  'job-held': NoFacts;
  'never-starts': { readonly job: JobId; readonly after: JobId; readonly ended: VainEnd };
  'after-jobs': { readonly jobs: readonly JobId[] };
  /** So many of its tasks run at once, as the job asks. */
  'enough-at-once': { readonly atOnce: number };
  'no-pc-yet': NoFacts;
  'no-pc-open': { readonly closed: readonly { readonly as: ClosedFor; readonly pcs: number }[] };
  /** `misfit`: of one of them. */
  'no-pc-fits': { readonly misfit: Misfit };
  'about-to-start': NoFacts;
  /** Bytes. */
  'no-memory-free': { readonly memory: number };
  /** `passedOver`: PCs with free slots that could not start tasks of this job. */
  'no-slot-free': { readonly slots: number; readonly passedOver: readonly string[] };
}

export type Waiting = Told<WaitingFacts>;
export type NeverStarts = Extract<Waiting, { readonly code: 'never-starts' }>;
