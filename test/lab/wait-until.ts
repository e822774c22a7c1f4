// eslint-disable-next-line no-restricted-imports -- the one place where a test lets time pass, between two looks
import { setTimeout as pass } from 'node:timers/promises';
import { Patience } from './patience.ts';

/**
 * The time limit of a test that waits by `waitUntil`: a last resort by the wall clock, sixteen times what such waits would
 * take on an idle machine, and no measure of anything.
 */
export const lastResort = 3 * 60 * 60_000;

/**
 * Looks again and again until the look has an answer; how long that may take (`within`, milliseconds that the others could
 * use: see patience.ts) is a bound, not a measure. `picture` says what things were like when the patience ran out.
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
  const patience = new Patience();
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (patience.spent() > within) {
      throw new Error(`it never came to: ${what}\n${(await picture?.().catch(String)) ?? ''}`);
    }
    await pass(every);
  }
}
