import { z } from 'zod';
import type { BlobHash, Epoch, JobId, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import {
  taskNetworks,
  type Attempt,
  type Checkpoint,
  type InputFile,
  type InputNode,
  type Job,
  type JobSpec,
  type Migration,
  type OutputFile,
  type Resources,
  type Task,
} from '../../../shared/domain/job.ts';
import type { TreeNode } from '../../../shared/domain/tree.ts';
import type { Bytes, EpochMillis, Millis } from '../../../shared/base/units.ts';
import { exactly, isBody, numberOf, reasonForm, textOf, type Shape, type Upgrade } from './form.ts';

const flag = z.boolean();
const text = z.string();
const count = z.number();
const moment = numberOf<EpochMillis>();
const hash = textOf<BlobHash>();
const member = textOf<MemberId>();
const onlyTask = count.optional();

const outputShape: Shape<OutputFile> = {
  ...{ path: text, escaped: z.literal(true).optional(), hash, size: count, executable: flag },
  ...{ mode: count.optional(), mtime: text.optional(), hard: count.optional() },
};
export const outputForm = exactly<OutputFile>(outputShape);
const inputForm = exactly<InputFile>({ ...outputShape, onlyTask });

type Folder = Extract<TreeNode, { readonly kind: 'folder' }>;
type Link = Extract<TreeNode, { readonly kind: 'link' }>;
const folderShape: Shape<Folder> = {
  ...{ kind: z.literal('folder'), path: text, escaped: z.literal(true).optional() },
  ...{ mode: count, mtime: text },
};
const linkShape: Shape<Link> = {
  ...{ kind: z.literal('link'), path: text, escaped: z.literal(true).optional() },
  ...{ target: text, targetEscaped: z.literal(true).optional(), mtime: text },
};
export const nodeForm: z.ZodType<TreeNode> = z.union([
  exactly<Folder>(folderShape),
  exactly<Link>(linkShape),
]);
const inputNodeForm: z.ZodType<InputNode> = z.union([
  exactly<Folder & { readonly onlyTask?: number | undefined }>({ ...folderShape, onlyTask }),
  exactly<Link & { readonly onlyTask?: number | undefined }>({ ...linkShape, onlyTask }),
]);

const specForm = exactly<JobSpec>({
  ...{ name: text, owner: text, command: z.array(text), pack: text },
  array: exactly<NonNullable<JobSpec['array']>>({ first: count, last: count }).nullable(),
  resources: exactly<Resources>({
    cpus: count,
    memory: numberOf<Bytes>().nullable(),
    wallTime: numberOf<Millis>().nullable(),
  }),
  retries: count,
  inputs: z.array(inputForm),
  inputNodes: z.array(inputNodeForm).optional(),
  outputs: z.array(text),
  environment: z.record(text, text),
  ...{ pin: flag, portable: flag, priority: count, network: z.enum(taskNetworks) },
  atOnce: count.nullable().optional(),
  logName: text.nullable().optional(),
  after: z.array(textOf<JobId>()),
  afterOk: z.array(textOf<JobId>()).optional(),
});

const taskState = z.enum(['queued', 'running', 'suspended', 'done', 'failed', 'cancelled']);

/** Jobs of before had no network and did not say so. */
export const withoutNetwork: Upgrade = (body) => {
  const { spec } = body;
  return isBody(spec) ? { ...body, spec: { network: 'none', ...spec } } : body;
};

export const jobForm = exactly<Job>({
  id: textOf<JobId>(),
  spec: specForm,
  submittedAt: moment,
  ...{ held: flag, cancelled: flag },
  archived: exactly<NonNullable<Job['archived']>>({
    counts: z.record(taskState, count),
    finishedAt: moment.nullable(),
  }).optional(),
  queueCancelledAt: moment.nullable().optional(),
});

export const checkpointForm = exactly<Checkpoint>({
  ...{ hash, size: count, takenAt: moment, epoch: numberOf<Epoch>(), cpuSeconds: count },
  ...{ log: hash.nullable(), cpuFeatures: z.array(text), doneMs: count.optional() },
});

export const migrationShape: Shape<Migration> = {
  ...{ from: member, to: member, at: moment, because: reasonForm },
  ...{ bytes: count, freezeMs: count, totalMs: count, arrivedAt: moment.optional() },
};

const attemptForm = exactly<Attempt>({
  ...{ epoch: numberOf<Epoch>(), machine: member, placedAt: moment },
  phase: z.enum(['starting', 'running', 'checkpointing', 'leaving', 'stopping', 'recalled']),
  recalledFor: reasonForm.optional(),
  move: exactly<NonNullable<Attempt['move']>>({
    ...{ to: member, toEpoch: numberOf<Epoch>(), because: reasonForm, at: moment },
  }).nullable(),
  from: hash.nullable(),
});

export const taskForm = exactly<Task>({
  ...{ id: textOf<TaskId>(), job: textOf<JobId>(), index: count, state: taskState },
  ...{ epoch: numberOf<Epoch>(), attempt: attemptForm.nullable() },
  checkpoints: z.array(checkpointForm),
  ...{ failures: count, cpuSeconds: count, exitCode: count.nullable() },
  reason: reasonForm.nullable(),
  outputs: z.array(outputForm),
  outputNodes: z.array(nodeForm).optional(),
  log: hash.nullable(),
  migrations: z.array(exactly<Migration>(migrationShape)),
  ...{ startedAt: moment.nullable(), ranMs: count, runningSince: moment.nullable() },
  ...{ lastMachine: member.nullable(), finishedAt: moment.nullable() },
  ...{ restartsFromZero: count, lostMs: count, home: member.nullable() },
  ...{ avoid: z.array(member), broke: z.array(member), heldFor: reasonForm.nullable() },
});
