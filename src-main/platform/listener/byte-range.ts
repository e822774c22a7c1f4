import { parse } from 'range-parser';

/** First and last byte, both of them in it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** RFC 9110 §14.2: one range of bytes; anything else is as if no range had been asked for. */
export function rangeOf(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const { code, type, ranges } = parse(size, header ?? '');
  if (type !== 'bytes') return undefined;
  const [only, ...others] = ranges;
  // 2: a good range, of which nothing is there.
  if (only === undefined) return code === 2 ? 'unsatisfiable' : undefined;
  return code === 0 && others.length === 0 ? { start: only.start, end: only.end } : undefined;
}
