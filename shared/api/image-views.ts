import { z } from 'zod';

/** A version of what PCs boot, as the head keeps it. */
export const bootImageSchema = z.object({
  /** Of the system and of agent and init, such as `12792fb4-03ab77c1`. */
  version: z.string(),
  /** When this head made it, epoch milliseconds. */
  madeAt: z.number(),
  /** When Debian's packages in it were fetched; null: before this was noted. */
  packagesAt: z.number().nullable().optional(),
  kernelRelease: z.string().nullable().optional(),
  /** Kernel and image, without the identity of the lab, which has a few hundred. */
  bytes: z.number(),
  /** Whether PCs that start now boot it. One of them is, as soon as there is any. */
  inUse: z.boolean(),
  /** Whether a person chose it; else the newest is in use. */
  chosen: z.boolean(),
});
export type BootImageView = z.infer<typeof bootImageSchema>;
