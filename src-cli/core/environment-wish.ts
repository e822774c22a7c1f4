import { ok, refuse, type Result } from '../../shared/base/result.ts';

/** `--env K=V`; the value may be empty and contain `=`. */
export function parseEnvironmentWish(text: string): Result<readonly [string, string]> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
  return match?.[1] !== undefined && match[2] !== undefined
    ? ok([match[1], match[2]])
    : refuse('misuse', `--env "${text}": write NAME=VALUE, such as --env THREADS=4.`);
}

/** A whole number of an option, within its bounds. */
export function parseWhole(
  text: string,
  option: string,
  least: number,
  most: number,
): Result<number> {
  const value = /^-?\d{1,9}$/.test(text.trim()) ? Number(text) : NaN;
  return value >= least && value <= most
    ? ok(value)
    : refuse('misuse', `${option} "${text}": write a whole number from ${least} to ${most}.`);
}
