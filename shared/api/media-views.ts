import { z } from 'zod';
import { usualPcs } from './token-views.ts';
import { millisField } from '../wire/fields.ts';

/** What the API shows and takes of drives and boot media. Sizes are bytes, times milliseconds. */

export const driveViewSchema = z.object({
  path: z.string(),
  /** Vendor and model, or the path. */
  name: z.string(),
  size: z.number(),
  /** `usb`, `sata` … */
  transport: z.string().nullable(),
  /** What is on it, for people: labels and file systems of its partitions. */
  holds: z.string().nullable(),
  mountedAt: z.array(z.string()),
  /** Whether it may be written at all; no face offers another. */
  erasable: z.boolean(),
  /** Why not. */
  because: z.string().nullable(),
  /** What somebody has to type before this large drive is erased. */
  typeName: z.string().nullable(),
  /** To be sent with the order: if another drive stands there by then, it is refused. */
  identity: z.string(),
});
export type DriveView = z.infer<typeof driveViewSchema>;

/** A drive that was chosen. */
export const driveChoiceSchema = z.object({
  path: z.string(),
  /** As in the list it was chosen from; null: whatever is there now. */
  identity: z.string().nullable().default(null),
  typedName: z.string().nullable().default(null),
});

/** What a boot medium says to the PCs it boots. */
export const mediumWishSchema = z.object({
  /** Such as `18:00-07:30`, by each PC's own clock: by day it starts its own system. Null: always the lab. */
  hours: z.string().nullable().default(null),
  /** What those clocks show: the time on the wall, as with Windows, or UTC. */
  clocks: z.enum(['local', 'utc']).default('local'),
  /** How long it lets PCs in. */
  validFor: millisField,
  /** Where the head is, `host:port`, when nobody answers by mDNS; null: the head's own address. */
  address: z.string().nullable().default(null),
  /** So many PCs it lets in, copies of it included. */
  mostPcs: z.number().int().positive().max(100_000).default(usualPcs),
  /** For odd PCs, such as `nomodeset`. */
  kernelOptions: z
    .string()
    .max(500)
    .regex(/^[\x21-\x7e ]*$/, 'expected words of plain ASCII')
    .regex(/^[^'"\\$`;{}|&<>#]*$/, 'expected no signs that mean something to a menu')
    .default(''),
});
export type MediumWish = z.input<typeof mediumWishSchema>;

export const imageFileSchema = z.object({
  /** Absolute, on the head's machine. */
  path: z.string(),
  replace: z.boolean().default(false),
});

/** One line of the story of writing media; the last ones are a `result` for each target. */
export const mediaEventSchema = z.discriminatedUnion('t', [
  /** Before any target is touched: something has to be built or fetched first. */
  z.object({ t: z.literal('preparing'), line: z.string() }),
  z.object({
    t: z.literal('progress'),
    target: z.string(),
    phase: z.enum(['opening', 'writing', 'verifying']),
    done: z.number(),
    total: z.number(),
    bytesPerSecond: z.number(),
    remaining: z.number().nullable(),
    attempt: z.number().int(),
  }),
  z.object({
    t: z.literal('result'),
    target: z.string(),
    ok: z.boolean(),
    sentence: z.string().nullable(),
    bytes: z.number(),
    took: z.number(),
    sha256: z.string().nullable(),
  }),
]);
export type MediaEvent = z.infer<typeof mediaEventSchema>;
