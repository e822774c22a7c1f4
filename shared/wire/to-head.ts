import { z } from 'zod';
import {
  blobHashField,
  epochField,
  epochMillisField,
  measuredField,
  memberFactsField,
  mostMemory,
  kindField,
  outputFileField,
  saidField,
  taskIdField,
  treeNodeField,
} from './fields.ts';
import { canField } from './capabilities.ts';
import { attemptReportField } from './task-spec.ts';

/** How an attempt ended. */
export const endingField = z.discriminatedUnion('cause', [
  /** The program ended by itself (128 + signal when a signal ended it). */
  z.object({ cause: z.literal('exit'), exitCode: z.number().int() }),
  /** Ended on the head's `stop`. */
  z.object({ cause: z.literal('stopped') }),
  /** Over its memory limit or wall time. */
  z.object({ cause: z.literal('limit'), reason: saidField() }),
  /** The program could not be started: no such command, not executable, an input that cannot be had. The task's fault. */
  z.object({ cause: z.literal('unstartable'), reason: saidField() }),
  /** It ended well but an output pattern matched nothing. */
  z.object({ cause: z.literal('no-output'), exitCode: z.number().int(), reason: saidField() }),
  /** The machine's fault: container runtime, restore, RAM full. The task may run elsewhere. */
  z.object({ cause: z.literal('machine'), reason: saidField() }),
]);
export type Ending = z.infer<typeof endingField>;

/** Processors' seconds of a task as well as milliseconds of a move: three years of either. */
const longest = 1e11;
const mostLoad = 1_000_000;

const attempt = { task: taskIdField, epoch: epochField };

/** member → head. */
export const toHeadSchema = z.discriminatedUnion('t', [
  /** First message on every link. */
  z.object({
    t: z.literal('hello'),
    protocol: z.number().int(),
    facts: memberFactsField,
    attempts: z.array(attemptReportField),
    /** What this member system can, see `capabilities`. */
    can: canField,
  }),
  /** Heartbeat: running number, load average × 100, free memory in MiB. Travels as a short array. */
  z.object({
    t: z.literal('beat'),
    n: z.number().int().nonnegative(),
    load: measuredField(mostLoad),
    memoryFree: measuredField(mostMemory / 2 ** 20),
  }),
  /** The program runs (`resumed`: from a checkpoint). */
  z.object({ t: z.literal('started'), ...attempt, resumed: z.boolean() }),
  /** Processor seconds and resident bytes of running attempts; sent every few heartbeats while any runs. */
  z.object({
    t: z.literal('usage'),
    of: z.array(
      z.object({
        ...attempt,
        cpuSeconds: measuredField(longest),
        memory: measuredField(mostMemory),
      }),
    ),
  }),
  /**
   * Repeated after every reconnect until `forget`. Outputs and log are already on the head. `list`: files and nodes are
   * too many for a message and stand in a blob (see `encodeResultLine`); then there are none here.
   */
  z.object({
    t: z.literal('ended'),
    ...attempt,
    ending: endingField,
    outputs: z.array(outputFileField),
    nodes: z.array(treeNodeField).optional(),
    list: z.object({ hash: blobHashField, size: z.number().int().nonnegative() }).optional(),
    log: blobHashField.nullable(),
    cpuSeconds: measuredField(longest),
  }),
  /** The program has ended, and the head refused its outputs or log, such as for a full disk: they are sent again later. */
  z.object({ t: z.literal('results-wait'), ...attempt, reason: saidField() }),
  /** The state is on the head. `suspended`: the attempt is over; repeated until `forget`. */
  z.object({
    t: z.literal('checkpointed'),
    ...attempt,
    suspended: z.boolean(),
    hash: blobHashField,
    size: z.number().int().nonnegative(),
    takenAt: epochMillisField,
    log: blobHashField.nullable(),
    cpuSeconds: measuredField(longest),
    freezeMs: measuredField(longest),
  }),
  /** The task runs on where it was. */
  z.object({ t: z.literal('checkpoint-failed'), ...attempt, reason: saidField() }),
  /** Target: ready to receive. */
  z.object({ t: z.literal('expecting'), ...attempt }),
  /**
   * Target: the attempt runs here now. `whole: false`: a part of its memory still lies at the source, which has to stay;
   * `all-here` follows. Only to a head that can `arrives-in-steps`.
   */
  z.object({ t: z.literal('arrived'), ...attempt, whole: z.boolean().optional() }),
  /** Target: nothing of the attempt lies at the source any more. */
  z.object({ t: z.literal('all-here'), ...attempt }),
  /** Source: it runs there, it is gone here. bytes on the wire; freeze time as the source's clock saw it. */
  z.object({
    t: z.literal('moved'),
    ...attempt,
    toEpoch: epochField,
    bytes: measuredField(Number.MAX_SAFE_INTEGER),
    freezeMs: measuredField(longest),
    totalMs: measuredField(longest),
  }),
  /** Source: it did not work and the task runs on here (`thawed`), or nobody knows (`uncertain`): frozen until `keep` or `discard`. */
  z.object({
    t: z.literal('move-failed'),
    ...attempt,
    toEpoch: epochField,
    outcome: z.enum(['thawed', 'uncertain']),
    reason: saidField(),
  }),
  /** Target: the arriving attempt was given up and never ran. */
  z.object({ t: z.literal('abandoned'), ...attempt, reason: saidField().optional() }),
  /** Piece of a program's output; base64. `end`: nothing more will come for this request. */
  z.object({
    t: z.literal('log-piece'),
    request: z.number().int(),
    offset: z.number().int().nonnegative(),
    piece: z.string(),
    end: z.boolean(),
  }),
  /** A person wants this PC: evacuate and release it. */
  z.object({ t: z.literal('reclaim'), by: z.enum(['keypress', 'power-button', 'ctrl-alt-del']) }),
  /** About to leave after `go`. */
  z.object({ t: z.literal('leaving') }),
  /** Answer to a `discard` that asked for one: nothing of the attempt runs here, and nothing will. */
  z.object({ t: z.literal('discarded'), ...attempt }),
  /**
   * The head said something `essential` of a kind that this member system does not know: the link ends, and only a member
   * system that knows it can go on. A head that calls words essential knows this one.
   */
  z.object({ t: z.literal('cannot-follow'), kind: kindField }),
  /** The head spoke of an attempt that is not held here. */
  z.object({ t: z.literal('unknown-attempt'), ...attempt }),
]);
export type ToHead = z.infer<typeof toHeadSchema>;
