import { uptime } from 'node:os';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import type { AdoptedAttempt, Carried } from '../../ports/container-runtime.ts';
import { epochField, taskIdField } from '../../../shared/wire/fields.ts';
import { taskSpecField } from '../../../shared/wire/task-spec.ts';
import { z } from 'zod';
import { readJson, writeJson } from './task-folder.ts';

/** What an agent that starts anew has to know of a container that runs. */
const recordSchema = z.object({
  task: taskIdField,
  epoch: epochField,
  spec: taskSpecField,
  resumed: z.boolean().nullable(),
  cpuBefore: z.number(),
  group: z.string(),
  limit: z.number(),
  filesLimit: z.number(),
  placed: z.number(),
  /** Seconds since the PC was switched on, when it was written. */
  uptime: z.number(),
});

export interface TaskRecord extends AdoptedAttempt {
  readonly cpuBefore: number;
  readonly group: string;
  readonly limit: number;
  readonly filesLimit: number;
  readonly placed: number;
}

export function writeTaskRecord(path: string, record: Omit<TaskRecord, 'wallTimeLeft'>): void {
  const { task, epoch, spec, resumed, cpuBefore, group, limit, filesLimit, placed } = record;
  const bounds = { limit, filesLimit, placed };
  writeJson(path, { task, epoch, spec, resumed, cpuBefore, group, ...bounds, uptime: uptime() });
}

export function readTaskRecord(path: string): TaskRecord | undefined {
  const read = decodeSafely(recordSchema, readJson(path));
  if (!read.success) return undefined;
  const { spec, uptime: since } = read.data;
  // Frozen spans are not known any more and count as if it had run.
  const used = (uptime() - since) * 1000;
  const wallTimeLeft = spec.wallTimeLeft === null ? null : Math.max(0, spec.wallTimeLeft - used);
  return { ...read.data, wallTimeLeft };
}

const carriedSchema = z.object({
  cpuSeconds: z.number().nonnegative(),
  wallTimeLeft: z.number().nullable(),
  /** Becomes a file name. */
  group: z.string().regex(/^(programs\/[0-9a-f]{8}\.[0-9.]+\/c|[0-9a-f]{8}\.[0-9.]+)$/),
  /** Time of day of the freeze, in milliseconds; absent in older ones. */
  wall: z.number().optional(),
});

/** What travels with a program: `carried.json` of its snapshot. */
export type CarriedOn = Carried & {
  readonly group: string;
  readonly wall?: number | undefined;
};

export function readCarried(path: string): CarriedOn | undefined {
  const read = decodeSafely(carriedSchema, readJson(path));
  return read.success ? read.data : undefined;
}
