import { z } from 'zod';
import type { Bytes, EpochMillis, Millis } from '../base/units.ts';
import type { BlobHash, Epoch, JobId, MemberId, TaskId } from '../domain/ids.ts';

/** Decoders of the branded values, used by every message and by the API. They accept only the right form. */
const branded = <Value>(schema: z.ZodType): z.ZodType<Value> =>
  schema as unknown as z.ZodType<Value>;

export const memberIdField = branded<MemberId>(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/));
export const jobIdField = branded<JobId>(z.string().regex(/^\d{1,12}$/));
export const taskIdField = branded<TaskId>(z.string().regex(/^\d{1,12}\.\d{1,7}$/));
export const blobHashField = branded<BlobHash>(z.string().regex(/^[0-9a-f]{64}$/));
export const epochField = branded<Epoch>(z.number().int().nonnegative());
export const bytesField = branded<Bytes>(z.number().int().nonnegative());
export const millisField = branded<Millis>(z.number().nonnegative());
export const epochMillisField = branded<EpochMillis>(z.number().nonnegative());

/** A path below /task: relative, no `..`, no empty part, at most 4096 bytes. */
export const taskPathField = z
  .string()
  .min(1)
  .max(4096)
  .refine(
    (path) =>
      !path.startsWith('/') &&
      !path.includes('\0') &&
      path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    {
      message: 'expected a relative path without ".."',
    },
  );

export const inputFileField = z.object({
  path: taskPathField,
  hash: blobHashField,
  size: z.number().int().nonnegative(),
  executable: z.boolean(),
  onlyTask: z.number().int().nonnegative().optional(),
});

export const outputFileField = z.object({
  path: taskPathField,
  hash: blobHashField,
  size: z.number().int().nonnegative(),
  executable: z.boolean(),
});

export const memberFactsField = z.object({
  machineKey: z.string().min(1).max(200),
  processors: z.number().int().positive(),
  memory: bytesField,
  speed: z.number().positive(),
  cpuModel: z.string().max(200),
  cpuFeatures: z.array(z.string().max(40)).max(1000).readonly(),
  architecture: z.string().max(40),
  kernel: z.string().max(200),
  systemVersion: z.string().max(100),
  packs: z.array(z.string().max(100)).max(1000).readonly(),
  preDump: z.boolean(),
  address: z.string().max(100),
  transferPort: z.number().int().nonnegative().max(65_535),
  firmware: z.enum(['bios', 'uefi', 'container']),
  byClock: z.object({ hours: z.string().max(40), said: z.string().max(40) }).optional(),
});

export const timingsField = z.object({
  heartbeat: millisField,
  suspectAfter: millisField,
  freezeAfter: millisField,
  lostAfter: millisField,
  checkpointEvery: millisField,
  moveTimeout: millisField,
});
