import { z } from 'zod';

/**
 * `safeParse` that keeps its word whatever comes: zod measures lengths before it looks at types, and throws at
 * `{"length": {"toString": 1}}` where a text was expected. Anybody on the network may send that.
 */
export function decodeSafely<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  try {
    return schema.safeParse(value);
  } catch {
    return z.never().safeParse(null);
  }
}
