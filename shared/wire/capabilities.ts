import { z } from 'zod';

/**
 * What a side can beyond the language it began with, as its first message says. A message that the other side may not know is
 * sent only when the capability for it was named; whoever names none speaks the language of the first members.
 */
export const capabilities = {
  /** Head: an arrival comes in two steps, `arrived` with `whole: false`, then `all-here`. */
  arrivesInSteps: 'arrives-in-steps',
  /** Member: it answers a `discard` that asks for it with `discarded`. */
  confirmsDiscards: 'confirms-discards',
} as const;
export type Capability = (typeof capabilities)[keyof typeof capabilities];

export const headCan: readonly Capability[] = [capabilities.arrivesInSteps];
export const memberCan: readonly Capability[] = [capabilities.confirmsDiscards];

/** Those of a later version are names like any other, and mean nothing here. */
export const canField = z.array(z.string().max(40)).max(64).optional();
