import { z } from 'zod';
import {
  bytesField,
  epochField,
  inputFileField,
  inputNodeField,
  blobHashField,
  memberIdField,
  millisField,
  taskIdField,
} from './fields.ts';

/** All a member needs to run one task; made from the job by the head, `{task}` already replaced. */
export const taskSpecField = z.object({
  task: taskIdField,
  name: z.string(),
  index: z.number().int().nonnegative(),
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()),
  cpus: z.number().int().positive(),
  memory: bytesField.nullable(),
  /** Time left in which the program may still run; null: no limit. */
  wallTimeLeft: millisField.nullable(),
  inputs: z.array(inputFileField),
  inputNodes: z.array(inputNodeField).optional(),
  outputs: z.array(z.string()),
  pack: z.string(),
  portable: z.boolean(),
});
export type TaskSpec = z.infer<typeof taskSpecField>;

/** What a member says of each attempt it holds, in its hello after every (re)connect. */
export const attemptReportField = z.object({
  task: taskIdField,
  epoch: epochField,
  /**
   * starting: inputs on their way or restoring; running (also while a checkpoint is taken);
   * frozen: frozen by itself because the lease ran out; leaving: being sent to another member;
   * uncertain: sent, and nobody said whether it arrived: frozen until the head decides;
   * arriving: being received; ended: its end has been or will be reported, waiting for `forget`.
   */
  state: z.enum(['starting', 'running', 'frozen', 'leaving', 'uncertain', 'arriving', 'ended']),
  /** Running or frozen after a move: false while a part of its memory still lies at the source. */
  whole: z.boolean().optional(),
});
export type AttemptReport = z.infer<typeof attemptReportField>;

/** Where a checkpoint is fetched from: a blob of the head. */
export const checkpointRefField = z.object({
  hash: blobHashField,
  size: z.number().int().nonnegative(),
  cpuSeconds: z.number().nonnegative(),
});

export const peerField = z.object({
  id: memberIdField,
  name: z.string(),
  address: z.string(),
  port: z.number().int().positive().max(65_535),
});
