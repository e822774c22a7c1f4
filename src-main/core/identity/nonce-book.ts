import { hours, seconds, type MonotonicMillis } from '../../../shared/base/units.ts';

/** Time a PC has for its proof. */
export const nonceLife = seconds(60);
/** A spent nonce is remembered this long, so that a replay can be called one. */
const spentMemory = hours(24);
/** Open nonces at the most; who asks for more pushes the oldest out, and its owner asks again. */
const openLimit = 4096;
const spentLimit = 65_536;

/** Challenges given out and not answered yet, and those that were; oldest first. */
export interface NonceBook {
  readonly open: ReadonlyMap<string, MonotonicMillis>;
  readonly spent: ReadonlyMap<string, MonotonicMillis>;
}

export const emptyNonceBook: NonceBook = { open: new Map(), spent: new Map() };

export function issueNonce(book: NonceBook, nonce: string, now: MonotonicMillis): NonceBook {
  const open = new Map(book.open).set(nonce, now);
  return { open: youngest(open, openLimit, now - nonceLife), spent: book.spent };
}

/** good: first proof in time. spent: it was used before. stale: too old, or none of this head's. */
export type NonceVerdict = 'good' | 'spent' | 'stale';

/** Every proof spends its nonce, a wrong proof too. */
export function spendNonce(
  book: NonceBook,
  nonce: string,
  now: MonotonicMillis,
): readonly [NonceBook, NonceVerdict] {
  if (book.spent.has(nonce)) return [book, 'spent'];
  const issuedAt = book.open.get(nonce);
  if (issuedAt === undefined) return [book, 'stale'];
  const open = new Map(book.open);
  open.delete(nonce);
  const spent = youngest(new Map(book.spent).set(nonce, now), spentLimit, now - spentMemory);
  return [{ open, spent }, now - issuedAt <= nonceLife ? 'good' : 'stale'];
}

function youngest(
  entries: Map<string, MonotonicMillis>,
  limit: number,
  notBefore: number,
): ReadonlyMap<string, MonotonicMillis> {
  for (const [nonce, at] of entries) {
    if (at >= notBefore && entries.size <= limit) break;
    entries.delete(nonce);
  }
  return entries;
}
