import { z } from 'zod';
import type { Told } from '../domain/told.ts';

/** A code with its facts, as a view tells it. Codes of a later head come through: words name them as they are. */
export const toldField = <Facts>(): z.ZodType<Told<Facts>> =>
  z.object({ code: z.string(), facts: z.record(z.string(), z.unknown()) }) as unknown as z.ZodType<
    Told<Facts>
  >;
