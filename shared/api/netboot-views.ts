import { z } from 'zod';
import type { MacAddress } from '../domain/mac-address.ts';

/** Network boot as the API shows it. */

const macField = z.string() as unknown as z.ZodType<MacAddress>;

/** A PC that boots from the network, as far as the head has seen it. */
export const bootingPcSchema = z.object({
  mac: macField,
  address: z.string().nullable(),
  firmware: z.enum(['bios', 'uefi', 'uefi-http', 'other']).nullable(),
  /** `disk`: it was told to boot its own; `unanswered`: nothing of ours runs there, `problem` says why. */
  stage: z.enum([
    'discovered',
    'first-stage',
    'waiting',
    'kernel',
    'image',
    'started',
    'enrolled',
    'disk',
    'unanswered',
  ]),
  since: z.number(),
  heard: z.number(),
  /** Of the part that is being fetched. */
  bytes: z.number(),
  total: z.number(),
  problem: z.string().nullable(),
});
export type BootingPcView = z.infer<typeof bootingPcSchema>;

export const netbootViewSchema = z.object({
  on: z.boolean(),
  interfaces: z.array(z.string()),
  /** Where it answers, such as `eno1 10.0.0.2`, and addresses of this machine that it left out. */
  addresses: z.array(z.string()).optional(),
  leftOut: z.array(z.string()).optional(),
  /** `18:00-07:30`; null: at any hour. */
  hours: z.string().nullable(),
  /** What PCs are told at this moment; null when network boot is off. */
  answer: z.enum(['lab', 'disk']).nullable(),
  httpPort: z.number().int().nullable(),
  /** Why it does not work although it is on. */
  problem: z.string().nullable(),
  atOnce: z.number().int(),
  pcs: z.array(bootingPcSchema),
  /** Boot floppies that were made; null: none that may still be used. They are served while network boot is off, too. */
  floppies: z
    .object({
      /** Epoch milliseconds. */
      until: z.number(),
      /** `host:port` where the head serves their files at this moment; null: it does not. */
      address: z.string().nullable(),
      /** Why they do not find what they fetch. */
      problem: z.string().nullable(),
    })
    .nullable(),
});
export type NetbootView = z.infer<typeof netbootViewSchema>;

export const bootFindingSchema = z.object({
  check: z.string(),
  ok: z.boolean(),
  found: z.string(),
  remedy: z.string().nullable(),
});
export type BootFinding = z.infer<typeof bootFindingSchema>;

/** A PC that shows a code on its screen and waits for a person. The code is nowhere else: it proves that somebody stood there. */
export const waitingPcSchema = z.object({
  machineKey: z.string(),
  address: z.string(),
  name: z.string().nullable(),
  since: z.number(),
});
export type WaitingPcView = z.infer<typeof waitingPcSchema>;

/** A PC that a person has decided on, by the code that was typed. */
export const decidedPcSchema = waitingPcSchema.omit({ since: true }).extend({ code: z.string() });
export type DecidedPcView = z.infer<typeof decidedPcSchema>;
