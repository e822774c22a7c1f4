import type { Told } from './told.ts';
import type { Reason, ReasonFacts } from './reasons.ts';

/** Why a task failed, was tried again or is in trouble. Its words stand in shared/words/task-words.ts. */
export interface TaskReasonFacts extends ReasonFacts {
  /** Its program has ended, and its PC, which keeps the results, tries again to store them. */
  'results-wait': { readonly because: Reason };
  /** `saved`: it would go on from an older checkpoint. */
  'not-saved': { readonly because: Reason; readonly saved: boolean };
}

export type TaskReason = Told<TaskReasonFacts>;
