import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';

/** Whoever asks how a program is used does not want it to run. */
export const asksForHelp = (args: readonly string[]): boolean =>
  args.some((word) => word === '--help' || word === '-h');

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Options of a program, no words beside them; what is wrong is one sentence. */
export function readOptions(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): Result<Values> {
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    return ok(values as Values);
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const what = error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error);
    return refuse('misuse', `${what}; the options are ${known.join(', ')}.`);
  }
}

/** Undefined when the option was not given. */
export function portOf(text: string | boolean | undefined): Result<number | undefined> {
  if (text === undefined) return ok(undefined);
  const port = Number(text);
  return /^\d{1,5}$/.test(String(text)) && port <= 65_535
    ? ok(port)
    : refuse('misuse', `--port ${String(text)} is not a port; give a number from 1 to 65535.`);
}

export function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
