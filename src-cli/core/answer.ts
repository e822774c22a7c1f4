import { plainJson } from '../../shared/domain/plain-text.ts';
import type { World } from './ports.ts';

/** What a command hands back: one JSON value for programs, or lines for a person. */
export function answer(
  world: World,
  json: boolean,
  value: unknown,
  lines: () => readonly string[],
): void {
  if (json) world.terminal.out(jsonLine(value));
  else for (const line of lines()) world.terminal.out(line);
}

/** One line of JSON that no terminal stumbles over. */
export const jsonLine = (value: unknown): string =>
  plainJson(JSON.stringify(value, wholeMilliseconds));

/** Clocks measure in fractions that mean nothing to whoever reads `freezeMs`. */
const wholeMilliseconds = (name: string, value: unknown): unknown =>
  name.endsWith('Ms') && typeof value === 'number' ? Math.round(value) : value;

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2
    ? (words[0] ?? '')
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
