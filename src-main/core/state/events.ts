import type { Reason } from '../../../shared/domain/reasons.ts';
import type { Millis } from '../../../shared/base/units.ts';
import type { BlobHash, Epoch, JobId, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Checkpoint, Job, OutputFile } from '../../../shared/domain/job.ts';
import type { TreeNode } from '../../../shared/domain/tree.ts';
import type { MemberFacts, ReleaseMoment, Seat } from '../../../shared/domain/member.ts';

/**
 * The truth of a lab: what happened, in the past tense, as it stands in the log. Everything else is derived. Old
 * logs have to stay readable: see `log-form`. Why something happened is kept in facts, and in words only where somebody said it.
 */
export type LabEvent =
  | {
      readonly e: 'member-enrolled';
      readonly member: MemberId;
      readonly name: string;
      readonly seat: Seat | null;
      readonly facts: MemberFacts;
      /** What let it in: a token's id, or `approval`. */
      readonly by?: string;
    }
  /** A person keeps it out; its tasks are lost when its lease is over, as if its cable were cut. */
  | { readonly e: 'member-banned'; readonly member: MemberId; readonly because: string | null }
  | { readonly e: 'member-unbanned'; readonly member: MemberId }
  /** The books know nothing of it any more. */
  | { readonly e: 'member-forgotten'; readonly member: MemberId }
  | { readonly e: 'member-arrived'; readonly member: MemberId; readonly facts: MemberFacts }
  /** It says something else of itself than before, such as another address, without having been away. */
  | { readonly e: 'member-described'; readonly member: MemberId; readonly facts: MemberFacts }
  | { readonly e: 'member-suspected'; readonly member: MemberId }
  | { readonly e: 'member-returned'; readonly member: MemberId }
  | { readonly e: 'member-lost'; readonly member: MemberId }
  /** It does not know a kind of message that this head cannot do without. */
  | { readonly e: 'member-outdated'; readonly member: MemberId; readonly kind: string }
  | { readonly e: 'member-cordoned'; readonly member: MemberId; readonly because: Reason }
  | { readonly e: 'member-uncordoned'; readonly member: MemberId }
  | {
      readonly e: 'member-draining';
      readonly member: MemberId;
      readonly purpose: 'evacuate' | 'release';
      readonly moment: ReleaseMoment;
      readonly because: Reason;
      /** Its own clock let it join by day; what that clock showed. */
      readonly clockSaid?: string | undefined;
    }
  | { readonly e: 'member-evacuated'; readonly member: MemberId }
  | { readonly e: 'member-released'; readonly member: MemberId }
  /** Given back and silent: it runs the member system no more. */
  | { readonly e: 'member-left'; readonly member: MemberId }
  /** Given back, but still heard after its time. */
  | { readonly e: 'member-stayed'; readonly member: MemberId }
  /** A person asked for it after it was given back. */
  | { readonly e: 'member-expected'; readonly member: MemberId }
  /** It booted the member system again `after` milliseconds, and nobody had asked for it. Cordons it. */
  | {
      readonly e: 'member-came-back';
      readonly member: MemberId;
      readonly facts: MemberFacts;
      readonly after: Millis;
    }
  /** Where PCs stand, by machine key, also of PCs that have never been here; null: nobody says any more. */
  | {
      readonly e: 'seats-given';
      readonly seats: readonly { readonly machineKey: string; readonly seat: Seat | null }[];
    }
  | { readonly e: 'night-opened'; readonly night: number }
  | { readonly e: 'night-ended'; readonly night: number; readonly because: 'release' | 'morning' }
  | { readonly e: 'job-submitted'; readonly job: Job }
  | { readonly e: 'job-held'; readonly job: JobId }
  | { readonly e: 'job-resumed'; readonly job: JobId }
  | { readonly e: 'job-cancelled'; readonly job: JobId }
  /** It has been over for a while: its tasks are looked up in the store from now on, should somebody ask. */
  | { readonly e: 'job-archived'; readonly job: JobId }
  /** It was over; the lab knows nothing of it any more, nor of its results. */
  | { readonly e: 'job-removed'; readonly job: JobId; readonly because: Reason }
  /** How long jobs are kept that are over. */
  | { readonly e: 'keep-for-set'; readonly keepFor: Millis }
  /** All its tasks of which no event has spoken yet are cancelled: a hundred thousand of them are not worth an event each. */
  | { readonly e: 'job-queue-cancelled'; readonly job: JobId }
  | {
      readonly e: 'task-placed';
      readonly task: TaskId;
      readonly epoch: Epoch;
      readonly machine: MemberId;
      readonly from: BlobHash | null;
    }
  | {
      readonly e: 'task-started';
      readonly task: TaskId;
      readonly epoch: Epoch;
      readonly resumed: boolean;
    }
  | {
      readonly e: 'task-move-begun';
      readonly task: TaskId;
      readonly to: MemberId;
      readonly toEpoch: Epoch;
      readonly because: Reason;
    }
  | { readonly e: 'task-moved'; readonly task: TaskId; readonly toEpoch: Epoch }
  | {
      readonly e: 'task-move-measured';
      readonly task: TaskId;
      readonly to: MemberId;
      readonly bytes: number;
      readonly freezeMs: number;
      readonly totalMs: number;
    }
  | {
      readonly e: 'task-move-failed';
      readonly task: TaskId;
      readonly to: MemberId;
      readonly reason: Reason;
    }
  | {
      readonly e: 'task-saved';
      readonly task: TaskId;
      readonly checkpoint: Checkpoint;
      readonly suspended: boolean;
      readonly freezeMs: number;
    }
  | {
      readonly e: 'task-checkpoint-dropped';
      readonly task: TaskId;
      readonly hash: BlobHash;
      readonly reason: Reason;
      /** Work that was in no older one; absent in logs of older heads. */
      readonly lostMs?: number | undefined;
    }
  /** The attempt is over without an end of the program: its machine is gone, or failed it. Work since the last checkpoint is lost. */
  | {
      readonly e: 'task-attempt-lost';
      readonly task: TaskId;
      readonly epoch: Epoch;
      readonly reason: Reason;
      readonly lostMs: number;
      readonly avoid: MemberId | null;
    }
  | {
      readonly e: 'task-done';
      readonly task: TaskId;
      readonly exitCode: number;
      readonly outputs: readonly OutputFile[];
      readonly outputNodes?: readonly TreeNode[];
      readonly log: BlobHash | null;
      readonly cpuSeconds: number;
    }
  /** The program failed and is tried again from zero. */
  | {
      readonly e: 'task-retried';
      readonly task: TaskId;
      readonly exitCode: number | null;
      readonly reason: Reason;
      readonly log: BlobHash | null;
      readonly avoid: MemberId | null;
    }
  | {
      readonly e: 'task-failed';
      readonly task: TaskId;
      readonly exitCode: number | null;
      readonly reason: Reason;
      readonly outputs: readonly OutputFile[];
      readonly outputNodes?: readonly TreeNode[];
      readonly log: BlobHash | null;
      readonly cpuSeconds: number;
    }
  | { readonly e: 'task-stopping'; readonly task: TaskId }
  /** A PC went down under it, or as it came, and as far as can be told by its doing. */
  | { readonly e: 'task-blamed'; readonly task: TaskId; readonly machine: MemberId }
  /** PCs went down under it one after the other: placed and moved no more until a person lets it go on. */
  | { readonly e: 'task-held'; readonly task: TaskId; readonly reason: Reason }
  | { readonly e: 'task-let-go'; readonly task: TaskId }
  /** A PC that seemed to have gone down under it came back as it was. */
  | { readonly e: 'task-cleared'; readonly task: TaskId; readonly machine: MemberId }
  /** Taken back: its member was told to drop it, and the task waits until that is answered or the lease is over. */
  | {
      readonly e: 'task-recalled';
      readonly task: TaskId;
      readonly epoch: Epoch;
      readonly reason: Reason;
    }
  | { readonly e: 'task-cancelled'; readonly task: TaskId };
