import { z } from 'zod';

/** So many PCs one boot medium lets in when nobody says otherwise: a few rooms; a stick that was copied is found out by it. */
export const usualPcs = 100;

/** What a boot medium carries to be let in by, without its secret. */
export const tokenViewSchema = z.object({
  id: z.string(),
  /** What it was made for. */
  label: z.string().nullable(),
  madeAt: z.number(),
  expires: z.number(),
  use: z.enum(['single', 'many']),
  revoked: z.boolean(),
  /** How many PCs it has let in, and how many it may; null: any number. */
  pcs: z.number().int(),
  mostPcs: z.number().int().nullable(),
  /** Machines of the lab that it let in last, by name. */
  machines: z.array(z.string()),
});
export type TokenView = z.infer<typeof tokenViewSchema>;
