import { z } from 'zod';
import { canField } from './capabilities.ts';
import { blobHashField, epochField, memberIdField, taskIdField, timingsField } from './fields.ts';
import { checkpointRefField, peerField, taskSpecField } from './task-spec.ts';

/**
 * head → member. Every message about a task carries its epoch; a member that does not hold that very
 * attempt answers `unknown-attempt` and changes nothing.
 */
export const toMemberSchema = z.discriminatedUnion('t', [
  /** First message on every link. Also renews the lease. `wallClock` is the head's, epoch milliseconds. */
  z.object({
    t: z.literal('welcome'),
    member: memberIdField,
    name: z.string(),
    seat: z.string().nullable(),
    lab: z.string(),
    wallClock: z.number(),
    timings: timingsField,
    /** What this head can, see `capabilities`. */
    can: canField,
  }),
  /** Answer to heartbeat number `n`: the lease holds from the moment that heartbeat was sent. */
  z.object({
    t: z.literal('lease'),
    n: z.number().int().nonnegative(),
    /** Where it stands, when somebody has said so since the last word about it; for the PC's screen. */
    seat: z.string().nullable().optional(),
  }),
  /** Begin an attempt, from zero or from a checkpoint. */
  z.object({
    t: z.literal('start'),
    task: taskIdField,
    epoch: epochField,
    spec: taskSpecField,
    checkpoint: checkpointRefField.nullable(),
  }),
  /** End the program: TERM, then KILL after `graceMs`; the end is reported as `ended` with cause `stopped`. */
  z.object({
    t: z.literal('stop'),
    task: taskIdField,
    epoch: epochField,
    graceMs: z.number().nonnegative(),
  }),
  /**
   * The attempt is over as far as the lab is concerned: kill it, drop everything, say nothing more of it; with
   * `confirm`, say `discarded` as soon as nothing of it can run.
   */
  z.object({
    t: z.literal('discard'),
    task: taskIdField,
    epoch: epochField,
    confirm: z.boolean().optional(),
  }),
  /** Your report is durable; forget the ended attempt. */
  z.object({ t: z.literal('forget'), task: taskIdField, epoch: epochField }),
  /** Not all that your report names is on the head: store it all once more, then report again. */
  z.object({ t: z.literal('send-again'), task: taskIdField, epoch: epochField }),
  /** Save the task on the head; then go on, or end the attempt (`suspend`). Answer: `checkpointed` or `checkpoint-failed`. */
  z.object({
    t: z.literal('checkpoint'),
    task: taskIdField,
    epoch: epochField,
    then: z.enum(['continue', 'suspend']),
  }),
  /** Announce to the target that an attempt will arrive under this ticket. Answer: `expecting`. */
  z.object({
    t: z.literal('expect'),
    task: taskIdField,
    epoch: epochField,
    spec: taskSpecField,
    ticket: z.string(),
    from: memberIdField,
  }),
  /** To the source: freeze attempt `epoch` and send it to the peer, where it becomes `toEpoch`. */
  z.object({
    t: z.literal('send'),
    task: taskIdField,
    epoch: epochField,
    toEpoch: epochField,
    to: peerField,
    ticket: z.string(),
  }),
  /** To the source: the move failed for good, go on with the task (thaw). */
  z.object({ t: z.literal('keep'), task: taskIdField, epoch: epochField }),
  /** To the target: give up the arriving attempt. Answer: `abandoned`, or `arrived` when it already runs. */
  z.object({ t: z.literal('abandon'), task: taskIdField, epoch: epochField }),
  /** Send the program's output from this offset (bytes) until its end; with `follow`, go on until `log-stop` or the end of the attempt. */
  z.object({
    t: z.literal('log'),
    request: z.number().int(),
    task: taskIdField,
    epoch: epochField,
    offset: z.number().int().nonnegative(),
    follow: z.boolean(),
  }),
  z.object({ t: z.literal('log-stop'), request: z.number().int() }),
  /**
   * Released: leave the lab. `reboot` on PCs; in a practice lab the PC goes off. `byDay`: it should not have started the
   * member system at this hour, so where no other system can be named it goes off, or it would be here again.
   */
  z.object({ t: z.literal('go'), byDay: z.boolean().optional() }),
  /** Refused for good; shown on the PC's screen. */
  z.object({ t: z.literal('refused'), reason: z.string() }),
  /** Drop cached blobs, if any (sent when the lab's store was collected). */
  z.object({ t: z.literal('uncache'), hashes: z.array(blobHashField) }),
]);
export type ToMember = z.infer<typeof toMemberSchema>;
