// eslint-disable-next-line no-restricted-imports -- the one place where a test lets time pass, between two looks
import { setTimeout as pass } from 'node:timers/promises';

/**
 * Looks again and again until the look has an answer; how long that may take is a bound, not a measure. `picture` says what
 * things were like when the patience ran out.
 */
export async function waitUntil<Value>(
  what: string,
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  {
    within = 90_000,
    every = 100,
    picture,
  }: { within?: number; every?: number; picture?: () => Promise<string> } = {},
): Promise<Value> {
  const end = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) {
      throw new Error(`it never came to: ${what}\n${(await picture?.().catch(String)) ?? ''}`);
    }
    await pass(every);
  }
}
