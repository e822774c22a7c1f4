import { z } from 'zod';
import type { DiaryEntry } from '../domain/diary.ts';
import type { Leaving, MachineNoteFacts } from '../domain/machine-notes.ts';
import type { ReasonFacts } from '../domain/reasons.ts';
import { taskPhases, taskStates } from '../domain/task-phase.ts';
import type { TaskReasonFacts } from '../domain/task-reason.ts';
import type { NeverStarts, WaitingFacts } from '../domain/waiting.ts';
import { jobIdField, memberIdField, storedFileField, taskIdField } from '../wire/fields.ts';
import { toldField } from './told-field.ts';

/**
 * What the API shows. Times are epoch milliseconds, sizes bytes, machines are named by name. Why something is as it is stands
 * in code and facts; the sentences are made by each face, with shared/words.
 */

const reasonField = toldField<ReasonFacts>();

export const memberStateField = z.enum([
  'enrolling',
  'ready',
  'draining',
  'suspect',
  'lost',
  'released',
]);
export const taskStateField = z.enum(taskStates);

/**
 * What somebody has to look at in the morning: `stayed`: it was given back but still runs the member system; `came-back`:
 * it booted it again soon after, unasked, and is cordoned until a person says otherwise.
 */
export const departureFlagField = z.enum(['stayed', 'came-back']).nullable();

export const leavingField: z.ZodType<Leaving> = z.object({
  purpose: z.enum(['evacuate', 'release']),
  when: z.enum(['checkpoint', 'task', 'now']),
  tasksLeft: z.number().int(),
  fault: z.object({ of: z.enum(['save', 'results']), because: reasonField }).nullable(),
});

export const machineViewSchema = z.object({
  id: memberIdField,
  name: z.string(),
  /** `room/row/place`, or null when nobody said where it stands. */
  seat: z.string().nullable(),
  state: memberStateField,
  cordoned: z.boolean(),
  /** Kept out until somebody lets it in again. */
  banned: z.boolean(),
  /** Why it is being emptied; null: it is not. */
  draining: z.enum(['evacuate', 'release']).nullable(),
  /** What let it in last: a token's id, or `approval`. */
  enrolledBy: z.string().nullable().optional(),
  /** Whether its link to the head is up right now; a ready machine without one has just been heard of. */
  linked: z.boolean(),
  /** Processors. */
  cpu: z.number().int(),
  /** Bytes in all. */
  memory: z.number(),
  memoryFree: z.number(),
  /** Load average of about a minute. */
  load: z.number(),
  /** 1000 is the reference PC. */
  speed: z.number(),
  cpuModel: z.string(),
  /** CPU family: members of one family can take each other's tasks. */
  cpuFamily: z.string(),
  /** Ids of the tasks that are there. */
  tasks: z.array(taskIdField),
  slotsUsed: z.number().int(),
  /** When it was given back; null while it is in the lab. */
  releasedAt: z.number().nullable(),
  /** When the head was sure that it has left. */
  leftAt: z.number().nullable(),
  /** When it was given up as lost; null unless it is lost, and where an older Nightshift did not say. */
  lostAt: z.number().nullable(),
  flag: departureFlagField,
  /** While it is being emptied, unless a note says why that is no matter now. */
  leaving: leavingField.nullable(),
  /** What there is to say of it beyond its state. */
  note: toldField<MachineNoteFacts>().nullable(),
});
export type MachineView = z.infer<typeof machineViewSchema>;

/** A PC that was seen and did not enrol, and why. */
export const unenrolledPcViewSchema = z.object({
  machineKey: z.string(),
  address: z.string(),
  name: z.string().nullable(),
  reason: z.string(),
  at: z.number(),
  /** It shows a code on its screen, which a person types to let it in; the head never tells it. */
  waits: z.boolean().optional(),
});
export type UnenrolledPcView = z.infer<typeof unenrolledPcViewSchema>;

export const taskCountsSchema = z.object({
  queued: z.number().int(),
  running: z.number().int(),
  suspended: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  cancelled: z.number().int(),
});
export type TaskCounts = z.infer<typeof taskCountsSchema>;

/** held → by a person; otherwise what the tasks say: running when any runs, done when all are done, … */
export const jobStateField = z.enum([
  'queued',
  'running',
  'suspended',
  'held',
  'done',
  'failed',
  'cancelled',
]);

const neverStartsField = toldField<WaitingFacts>() as unknown as z.ZodType<NeverStarts>;

export const jobViewSchema = z.object({
  id: jobIdField,
  name: z.string(),
  owner: z.string(),
  state: jobStateField,
  /** As a whole, by a person; tasks of it may still be on their way out of their PCs. */
  held: z.boolean(),
  /** Tasks that are held by themselves. */
  heldTasks: z.number().int(),
  tasks: taskCountsSchema,
  submittedAt: z.number(),
  finishedAt: z.number().nullable(),
  command: z.string(),
  /** It can never start: what it was to start after did not succeed. */
  neverStarts: neverStartsField.optional(),
});
export type JobView = z.infer<typeof jobViewSchema>;

export const migrationViewSchema = z.object({
  from: z.string(),
  to: z.string(),
  at: z.number(),
  because: reasonField,
  bytes: z.number(),
  freezeMs: z.number(),
  totalMs: z.number(),
});

export const taskViewSchema = z.object({
  id: taskIdField,
  index: z.number().int(),
  state: taskStateField,
  /** Finer than state. */
  phase: z.enum(taskPhases),
  /** Of the phase `moving`. */
  movingTo: z.string().nullable(),
  machine: z.string().nullable(),
  attempt: z.number().int(),
  exitCode: z.number().int().nullable(),
  cpuSeconds: z.number(),
  /** Time in which it was on a machine and running, milliseconds. */
  ranMs: z.number(),
  /** Where it was last; equals `machine` while it is there. */
  lastMachine: z.string().nullable(),
  memory: z.number(),
  /** What it waits for; null when it does not wait. */
  waitingBecause: toldField<WaitingFacts>().nullable(),
  /** How many tasks are ahead of it; null when that is not what it waits for. */
  ahead: z.number().int().nullable(),
  /** Why it failed or is in trouble; of one that waits, what happened to it before. */
  reason: toldField<TaskReasonFacts>().nullable(),
  startedAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  /** When its newest checkpoint was taken. */
  savedAt: z.number().nullable(),
  restartsFromZero: z.number().int(),
  /** The first of them; `jobs.outputs` has all. */
  outputs: z.array(storedFileField),
  /** How many there are, when those are not all. */
  outputsInAll: z.number().int().optional(),
  migrations: z.array(migrationViewSchema),
});
export type TaskView = z.infer<typeof taskViewSchema>;

/** Told as one, however many they are; `allTasksOf` spells them out. */
export const alikeTasksSchema = z.object({
  first: z.number().int(),
  last: z.number().int(),
  /** The first one; of each that follows one more is ahead. */
  like: taskViewSchema,
});

export const jobDetailSchema = jobViewSchema.omit({ tasks: true }).extend({
  counts: taskCountsSchema,
  /** In order of their index; of a job with very many only a part, see `alike` and `next`. */
  tasks: z.array(taskViewSchema),
  /** Tasks behind these that were never placed and differ in nothing but index and place in the queue. */
  alike: alikeTasksSchema.optional(),
  /** Index from which to ask for the rest; absent when nothing is left. */
  next: z.number().int().optional(),
  memory: z.number().nullable(),
  cpus: z.number().int(),
  wallTime: z.number().nullable(),
  pack: z.string(),
});
/** As one answer tells it; `WholeJob` has all its tasks. */
export type JobDetail = z.infer<typeof jobDetailSchema>;

/** A line of the night's diary, newest last. */
export const diaryLineSchema = z.object({
  seq: z.number(),
  at: z.number(),
  tone: z.enum(['plain', 'good', 'bad']),
  code: z.string(),
  facts: z.record(z.string(), z.unknown()),
}) as unknown as z.ZodType<DiaryLine>;
export type DiaryLine = {
  readonly seq: number;
  readonly at: number;
  readonly tone: 'plain' | 'good' | 'bad';
} & DiaryEntry;

export const labViewSchema = z.object({
  lab: z.string(),
  labId: z.string(),
  version: z.string(),
  night: z.number().int(),
  startedAt: z.number(),
  address: z.string(),
  practice: z.boolean(),
  /** `host:port` of another head that serves this very lab, which should not be. */
  otherHead: z.string().nullable(),
  machines: z.array(machineViewSchema),
  unenrolled: z.array(unenrolledPcViewSchema),
  jobs: z.array(jobViewSchema),
  /** Tasks on the move right now. */
  moves: z.array(
    z.object({ task: taskIdField, from: z.string(), to: z.string(), because: reasonField }),
  ),
  /** Moves that ended a moment ago: small tasks move between two looks. What was lost and began again elsewhere did not move. */
  arrived: z
    .array(z.object({ task: taskIdField, from: z.string(), to: z.string(), at: z.number() }))
    .default([]),
  diary: z.array(diaryLineSchema),
});
export type LabView = z.infer<typeof labViewSchema>;

export const reportSchema = z.object({
  lab: z.string(),
  night: z.number().int(),
  from: z.number(),
  until: z.number(),
  tasksDone: z.number().int(),
  tasksFailed: z.number().int(),
  tasksSuspended: z.number().int(),
  moves: z.array(migrationViewSchema.extend({ task: taskIdField })),
  checkpoints: z.number().int(),
  /** Work that had to be done again. */
  minutesLost: z.number(),
  /** Each loss that counts into it, oldest first; of very many the newest. */
  losses: z
    .array(
      z.object({
        task: taskIdField,
        /** Where the work had been done. */
        machine: z.string(),
        at: z.number(),
        minutes: z.number(),
        reason: reasonField,
      }),
    )
    .default([]),
  coreHours: z.number(),
  /** PCs given back, and how many of them are known to have left and not come back. */
  returned: z.object({ given: z.number().int(), confirmed: z.number().int() }),
  machines: z.array(
    z.object({
      name: z.string(),
      state: memberStateField,
      returnedAt: z.number().nullable(),
      leftAt: z.number().nullable(),
      /** Absent in reports of before. */
      lostAt: z.number().nullable().optional(),
      flag: departureFlagField,
      note: toldField<MachineNoteFacts>().nullable(),
    }),
  ),
  /** `held`: for what it did to PCs; it has not failed, but neither does it go on by itself. */
  failures: z.array(
    z.object({ task: taskIdField, held: z.boolean(), reason: reasonField.nullable() }),
  ),
});
export type Report = z.infer<typeof reportSchema>;

export const practicePcSchema = z.object({
  name: z.string(),
  state: z.enum(['on', 'off', 'unplugged']),
  cut: z.boolean(),
  /** Last lines of its screen. */
  screen: z.array(z.string()),
});
export type PracticePc = z.infer<typeof practicePcSchema>;
