import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import {
  bytesField,
  inputFileField,
  inputNodeField,
  jobIdField,
  millisField,
  nameField,
  storedFileField,
  taskIdField,
  treeNodeField,
} from '../wire/fields.ts';
import type { CalledFrom } from '../domain/caller.ts';
import { maxIndex } from '../domain/task-range.ts';
import { bootIdentitySchema } from '../wire/enrolment.ts';
import { tokenViewSchema, usualPcs } from './token-views.ts';
import { bootImageSchema } from './image-views.ts';
import { sessionViewSchema } from './session-views.ts';
import {
  driveChoiceSchema,
  driveViewSchema,
  imageFileSchema,
  mediaEventSchema,
  mediumWishSchema,
} from './media-views.ts';
import {
  bootFindingSchema,
  decidedPcSchema,
  netbootViewSchema,
  waitingPcSchema,
} from './netboot-views.ts';
import { labFeedSchema } from './lab-feed.ts';
import { seatField, seatViewSchema } from './seat-views.ts';
import {
  jobDetailSchema,
  jobViewSchema,
  labViewSchema,
  machineViewSchema,
  practicePcSchema,
  reportSchema,
} from './views.ts';
import { toldField } from './told-field.ts';
import type { WaitingFacts } from '../domain/waiting.ts';
import type { ToldRefusal } from '../base/result.ts';

/** What the contract says of a procedure beside its types. */
export interface ProcedureMeta {
  readonly from?: CalledFrom;
}

/**
 * The one contract of commands, queries and events, for UI, CLI and others. Carried by
 * HTTPS/WebSocket. A refusal is the error `REFUSED` whose data is `{ kind, code, facts, sentence }` as in `Refusal`;
 * the sentence, its message, is for faces that do not know the code.
 *
 * Commands are acknowledged when they are durable, not when they are done: `evacuate`, `release` and `migrate`
 * return at once and their progress is seen in the views.
 */
const refusal = z.object({
  kind: z.enum(['misuse', 'not-found', 'refused', 'failed']),
  code: z.string(),
  facts: z.record(z.string(), z.json()),
  sentence: z.string(),
});
const refusalField = refusal as unknown as z.ZodType<ToldRefusal>;
const base = oc.$meta<ProcedureMeta>({}).errors({ REFUSED: { status: 422, data: refusal } });
/** Everybody who is let in may ask, from any place of the network. */
const anywhere = base.meta({ from: 'anywhere' });
/** Only who sits at the head's own machine. */
const here = base.meta({ from: 'here' });

const machineNames = z.union([z.array(z.string().min(1)).min(1), z.literal('all')]);
const someMachines = z.array(z.string().min(1)).min(1);
const affected = z.object({ machines: z.array(z.string()) });

/** A task with a higher number has no id that members could read. */
const taskIndexField = z.number().int().nonnegative().max(maxIndex);

/** `inputs` name blobs that were sent before by `PUT /blob`. */
export const submitSchema = z.object({
  name: nameField.max(200).optional(),
  owner: nameField.max(100).optional(),
  command: z.array(z.string()).min(1),
  array: z.object({ first: taskIndexField, last: taskIndexField }).nullable().default(null),
  cpus: z.number().int().positive().default(1),
  memory: bytesField.nullable().default(null),
  wallTime: millisField.nullable().default(null),
  retries: z.number().int().nonnegative().max(100).default(0),
  inputs: z.array(inputFileField).default([]),
  inputNodes: z.array(inputNodeField).optional(),
  outputs: z.array(z.string().min(1).max(4096)).max(1000).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  pack: z.string().default('base'),
  pin: z.boolean().default(false),
  portable: z.boolean().default(false),
  /** What its tasks reach; others than `none` are refused with a sentence. */
  network: nameField.max(40).default('none'),
  priority: z.number().int().min(-1000).max(1000).default(0),
  /** So many of its tasks at a time; null: as many as there is room for. */
  atOnce: z.number().int().positive().nullable().default(null),
  /** What the log is called among the results, such as `logs/{name}-{job}_{task}.out`; null: `task.log`. */
  logName: z.string().min(1).max(200).nullable().default(null),
  /** Starts when these are over, however they ended. */
  after: z.array(jobIdField).default([]),
  /** Starts when every task of these is done; never, once one of them has failed or was cancelled. */
  afterOk: z.array(jobIdField).default([]),
  /** Held from the start, until `resume`. */
  hold: z.boolean().default(false),
});
export type Submit = z.input<typeof submitSchema>;

export const contract = {
  lab: {
    view: anywhere.output(labViewSchema),
    /**
     * The picture of the lab, then what changed in it, at most a few times a second; nothing is lost on who reads slowly, it
     * comes as one. `since`: the version of a picture the caller still has; if the head has it, too, only what changed
     * since then comes.
     */
    watch: anywhere
      .input(z.object({ since: z.string().max(100).nullable() }).optional())
      .output(eventIterator(labFeedSchema)),
    /** Of the newest night, or of an earlier one. */
    report: anywhere
      .input(z.object({ night: z.number().int().positive().optional() }).optional())
      .output(reportSchema),
    /** Stops the head; members go on by their leases. */
    shutdown: here.output(z.object({})),
  },
  machines: {
    list: anywhere.output(z.array(machineViewSchema)),
    cordon: anywhere.input(z.object({ machines: machineNames })).output(affected),
    uncordon: anywhere.input(z.object({ machines: machineNames })).output(affected),
    /** Keeps PCs out from this moment on, whatever they show: they may not enrol, renew, link or fetch. */
    ban: anywhere
      .input(
        z.object({ machines: someMachines, because: z.string().max(200).nullable().default(null) }),
      )
      .output(affected),
    unban: anywhere.input(z.object({ machines: someMachines })).output(affected),
    /** Takes PCs that are not in the lab out of its books, and what a person decided on them. */
    forget: anywhere.input(z.object({ machines: someMachines })).output(affected),
    evacuate: anywhere.input(z.object({ machines: machineNames })).output(affected),
    /**
     * `minutesLost`: what it will cost, an estimate from the newest checkpoints; 0 but for `now`.
     * With `preview` it answers the same and releases nothing.
     */
    release: anywhere
      .input(
        z.object({
          machines: machineNames,
          when: z.enum(['checkpoint', 'task', 'now']).default('checkpoint'),
          preview: z.boolean().default(false),
        }),
      )
      .output(affected.extend({ minutesLost: z.number() })),
    /** Calls PCs awake by magic packets, one after the other; `all`: those that are not in the lab. */
    wake: anywhere.input(z.object({ machines: machineNames })).output(affected),
  },
  /** Where PCs stand. A PC is named by its name or by its network card's address, before it ever came, too. */
  seats: {
    list: anywhere.output(z.array(seatViewSchema)),
    /** All of them, or none. Null: nobody says where it stands. What is not named stays as it is. */
    set: anywhere
      .input(
        z.object({
          seats: z
            .array(z.object({ machine: z.string().min(1).max(200), seat: seatField.nullable() }))
            .min(1)
            .max(10_000),
        }),
      )
      .output(z.object({ changed: z.number().int() })),
    /** `all`: of every PC. */
    clear: anywhere
      .input(z.object({ machines: machineNames }))
      .output(z.object({ changed: z.number().int() })),
  },
  jobs: {
    /** What `submit` would answer or refuse, before the inputs have been sent; nothing is stored. */
    consider: anywhere
      .input(submitSchema)
      .output(z.object({ warnings: z.array(toldField<WaitingFacts>()) })),
    submit: anywhere
      .input(submitSchema)
      .output(z.object({ id: jobIdField, warnings: z.array(toldField<WaitingFacts>()) })),
    list: anywhere.output(z.array(jobViewSchema)),
    /** A job's row of the list, by id or name, as it is and whenever it changes, at most a few times a second. */
    watch: anywhere.input(z.object({ job: z.string() })).output(eventIterator(jobViewSchema)),
    /**
     * Job by id or name (the newest of that name); `task`: with that task only, by index, or with none if it has no such.
     * Of a job with more than a thousand tasks the answer holds those from index `from` on, as many as the head can tell
     * without keeping others waiting, and where to go on; `wholeJob` asks for all.
     */
    get: anywhere
      .input(
        z.object({
          job: z.string(),
          task: z.number().int().nonnegative().nullable().default(null),
          from: z.number().int().nonnegative().nullable().default(null),
        }),
      )
      .output(jobDetailSchema),
    /**
     * For whoever looks again and again at a job of many tasks. `since`: the `revision` of the answer before, or null.
     * Unless the answer is `whole`, its tasks are those that run and those that changed; for others only the number of
     * tasks ahead may be another. A whole answer goes on as in `get`.
     */
    changes: anywhere
      .input(z.object({ job: z.string(), since: z.string().max(100).nullable() }))
      .output(z.object({ revision: z.string(), whole: z.boolean(), job: jobDetailSchema })),
    cancel: anywhere.input(z.object({ job: z.string() })).output(z.object({ id: jobIdField })),
    hold: anywhere.input(z.object({ job: z.string() })).output(z.object({ id: jobIdField })),
    resume: anywhere.input(z.object({ job: z.string() })).output(z.object({ id: jobIdField })),
    /** Jobs that are over leave the lab, their results with them: all that were named, or none. */
    remove: anywhere
      .input(z.object({ jobs: z.array(z.string().min(1)).min(1).max(1000) }))
      .output(z.object({ ids: z.array(jobIdField) })),
    /** How long jobs are kept by themselves once they are over. Null: only tells. */
    keepFor: anywhere
      .input(z.object({ keepFor: millisField.nullable().default(null) }))
      .output(z.object({ keepFor: millisField })),
    /**
     * Output of a task (`12.3`, `12`, or a name when the job has one task): pieces in order. `restarts`: how often the
     * program had begun again from zero when it wrote this; where it grows, the text is again from the first character.
     */
    logs: anywhere
      .input(
        z.object({
          task: z.string(),
          follow: z.boolean().default(false),
          /** Byte for byte: `base64` instead of `text`, which then is empty. */
          bytes: z.boolean().default(false),
        }),
      )
      .output(
        eventIterator(
          z.object({
            text: z.string(),
            base64: z.string().optional(),
            restarts: z.number().int().default(0),
          }),
        ),
      ),
    /** Of tasks that were ever placed, from index `from` on; those of a job with very many in parts, the last one is empty. */
    outputs: anywhere
      .input(z.object({ job: z.string(), from: z.number().int().default(0) }))
      .output(
        z.array(
          z.object({
            task: taskIdField,
            index: z.number().int(),
            files: z.array(storedFileField),
            nodes: z.array(treeNodeField).default([]),
            log: z.string().nullable(),
            /** Relative path that the log is given among the files. */
            logName: z.string(),
          }),
        ),
      ),
  },
  tasks: {
    /** Where a task may be moved, PC by PC, and why not: what `migrate` would answer, by the same rule. */
    targets: anywhere.input(z.object({ task: z.string() })).output(
      z.array(
        z.object({
          machine: z.string(),
          cpu: z.number().int(),
          /** Processors that no task has; less than none where a person has crowded it. */
          free: z.number().int(),
          refusal: refusalField.nullable(),
        }),
      ),
    ),
    migrate: anywhere
      .input(z.object({ task: z.string(), machine: z.string() }))
      .output(z.object({ task: taskIdField, from: z.string(), to: z.string() })),
  },
  enrolment: {
    /** What a boot medium carries. `single`: good for one PC only. */
    issue: anywhere
      .input(
        z.object({
          /** As long as a PC may wish to be called: with a longer one it could not enrol. */
          name: nameField.max(63).nullable().default(null),
          validFor: millisField,
          single: z.boolean(),
          address: z.boolean().default(false),
          /** So many PCs it lets in; null: any number. */
          mostPcs: z.number().int().positive().max(100_000).nullable().default(usualPcs),
        }),
      )
      .output(bootIdentitySchema),
    /** What was issued, by media or by hand, and whom it let in; secrets are never told. */
    tokens: anywhere.output(z.array(tokenViewSchema)),
    /** Lets nobody in from now on; whom it let in stays until its certificate is over, unless it is banned. */
    revoke: anywhere.input(z.object({ token: z.string() })).output(tokenViewSchema),
    /** How many PCs it may let in, those it has let in included. */
    limit: anywhere
      .input(z.object({ token: z.string(), mostPcs: z.number().int().positive().max(100_000) }))
      .output(tokenViewSchema),
    /** PCs that show a code and wait for a person. */
    waiting: anywhere.output(z.array(waitingPcSchema)),
    /** Lets in the PC that shows this code, now and at every later boot. */
    approve: anywhere.input(z.object({ code: z.string().max(100) })).output(decidedPcSchema),
    /** Keeps it out, until it is forgotten. */
    refuse: anywhere.input(z.object({ code: z.string().max(100) })).output(decidedPcSchema),
    /** Undoes what was decided on a machine, by its name or its network card's address. */
    forget: anywhere
      .input(z.object({ machine: z.string() }))
      .output(z.object({ machine: z.string() })),
  },
  sessions: {
    /** Browsers that have shown the token and are let in for a night. */
    list: anywhere.output(z.array(sessionViewSchema)),
    /** Ends one by its id, or all; what is open by it is hung up on at once. */
    end: anywhere
      .input(z.object({ session: z.string().min(1).max(100) }))
      .output(z.object({ ended: z.array(z.string()) })),
  },
  netboot: {
    /** Begins to answer PCs that boot from the network, beside the lab's own DHCP server. */
    on: anywhere
      .input(
        z.object({
          /** Names; null: every one that leads to the lab. */
          interfaces: z.array(z.string().min(1)).min(1).nullable().default(null),
          /** `18:00-07:30`: outside these hours PCs boot their own disk; null: at any hour. */
          hours: z.string().max(40).nullable().default(null),
          /** PCs that may fetch the image at a time. */
          atOnce: z.number().int().min(1).max(64).default(8),
          /** For odd PCs, such as `nomodeset`. */
          kernelOptions: mediumWishSchema.shape.kernelOptions,
        }),
      )
      .output(netbootViewSchema),
    off: anywhere.output(netbootViewSchema),
    status: anywhere.output(netbootViewSchema),
    /** Asks the network as a PC does, for some seconds; says what keeps PCs from booting and what to do. */
    diagnose: anywhere.output(z.array(bootFindingSchema)),
  },
  media: {
    /** All drives of the head's machine, those that are never written included. */
    list: here.output(z.array(driveViewSchema)),
    /** Makes boot sticks of drives, all at once, and tells how it goes. Going away interrupts it. */
    write: here
      .input(mediumWishSchema.extend({ drives: z.array(driveChoiceSchema).min(1).max(64) }))
      .output(eventIterator(mediaEventSchema)),
    /** Makes ordinary empty sticks of them again. */
    restore: here
      .input(z.object({ drives: z.array(driveChoiceSchema).min(1).max(64) }))
      .output(eventIterator(mediaEventSchema)),
    /** Writes an image file, by the same code. */
    image: here
      .input(
        mediumWishSchema.extend({
          file: imageFileSchema,
          kind: z.enum(['stick', 'floppy']).default('stick'),
        }),
      )
      .output(eventIterator(mediaEventSchema)),
  },
  images: {
    /** What PCs boot, newest first; a few versions are kept to go back to. */
    list: anywhere.output(z.array(bootImageSchema)),
    /** Makes a new one of Debian's packages as they are today; takes minutes. Answers with the list. */
    build: here.output(z.array(bootImageSchema)),
    /** PCs that start from now on boot this one; null: always the newest. Answers with the list. */
    use: anywhere
      .input(z.object({ version: z.string().max(100).nullable() }))
      .output(z.array(bootImageSchema)),
  },
  practice: {
    /** Brings up PCs until there are this many; those that are off go on. */
    up: here
      .input(
        z.object({
          pcs: z.number().int().min(1).max(64),
          driver: z.enum(['container', 'vm']).default('container'),
          cpus: z.number().int().min(1).max(64).default(2),
          memory: bytesField.nullable().default(null),
        }),
      )
      .output(z.array(practicePcSchema)),
    list: anywhere.output(z.array(practicePcSchema)),
    down: here.output(z.object({})),
    unplug: here.input(z.object({ pc: z.string() })).output(practicePcSchema),
    replug: here.input(z.object({ pc: z.string() })).output(practicePcSchema),
    cut: here.input(z.object({ pc: z.string() })).output(practicePcSchema),
    heal: here.input(z.object({ pc: z.string() })).output(practicePcSchema),
    keypress: here.input(z.object({ pc: z.string() })).output(practicePcSchema),
  },
  software: {
    list: anywhere.output(
      z.array(
        z.object({
          name: z.string(),
          version: z.string(),
          bytes: z.number(),
          description: z.string(),
        }),
      ),
    ),
  },
  doctor: anywhere.output(
    z.array(
      z.object({
        check: z.string(),
        ok: z.boolean(),
        found: z.string(),
        remedy: z.string().nullable(),
      }),
    ),
  ),
};
export type Contract = typeof contract;

export { httpPaths } from './http-paths.ts';
