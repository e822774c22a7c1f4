import type { Told } from './told.ts';
import type { JobId, TaskId } from './ids.ts';
import type { Reason } from './reasons.ts';

interface OfPc {
  /** Its name. */
  readonly pc: string;
}
interface OfTask {
  readonly task: TaskId;
}
interface Because {
  readonly because: Reason;
}

/** What the diary of a night tells, by the kind of event. Its sentences stand in shared/words/diary-words.ts. */
export interface DiaryFacts {
  'night-opened': { readonly night: number };
  'night-ended': { readonly night: number };
  'seats-given': { readonly pcs: number };
  'member-arrived': OfPc;
  'member-suspected': OfPc;
  'member-returned': OfPc;
  'member-lost': OfPc;
  /** `kind` of message that its member system does not know. */
  'member-outdated': OfPc & { readonly kind: string };
  'member-cordoned': OfPc & Because;
  'member-uncordoned': OfPc;
  'member-draining': OfPc & Because & { readonly purpose: 'evacuate' | 'release' };
  'member-evacuated': OfPc;
  'member-released': OfPc;
  'member-left': OfPc;
  'member-stayed': OfPc;
  /** `because`: in the words of who did it. */
  'member-banned': OfPc & { readonly because: string | null };
  'member-unbanned': OfPc;
  'member-forgotten': OfPc;
  /** `after`: milliseconds since it was given back. */
  'member-came-back': OfPc & { readonly after: number };
  'job-submitted': {
    readonly job: JobId;
    readonly name: string;
    readonly owner: string;
    readonly tasks: number;
  };
  'job-removed': Because & { readonly job: JobId };
  /** Milliseconds. */
  'keep-for-set': { readonly keepFor: number };
  'job-held': { readonly job: JobId };
  'job-resumed': { readonly job: JobId };
  'job-cancelled': { readonly job: JobId };
  /** Null: it is not there any more. */
  'task-started': OfTask & { readonly pc: string | null };
  'task-move-begun': OfTask & OfPc & Because;
  'task-move-measured': OfTask & OfPc & { readonly freezeMs: number; readonly bytes: number };
  'task-move-failed': OfTask & OfPc & Because;
  'task-saved': OfTask & { readonly bytes: number };
  'task-checkpoint-dropped': OfTask & Because;
  'task-attempt-lost': OfTask & Because & { readonly lostMs: number };
  'task-held': OfTask & Because;
  'task-let-go': OfTask;
  'task-retried': OfTask & Because;
  'task-failed': OfTask & Because;
}

export type DiaryCode = keyof DiaryFacts;

export type DiaryEntry = Told<DiaryFacts>;
