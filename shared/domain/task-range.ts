import { ok, refuse, type Result } from '../base/result.ts';

/** Indices of a job array, both ends included. */
export interface TaskRange {
  readonly first: number;
  readonly last: number;
}

/** Largest job array; more belongs into several jobs. */
export const maxTasksOfArray = 100_000;
/** Task ids have room for seven digits. */
export const maxIndex = 9_999_999;

/** Parses `1-500`. A single number is refused: `5` could mean five tasks or the fifth. */
export function parseTaskRange(text: string): Result<TaskRange> {
  const match = /^\s*(\d{1,15})\s*-\s*(\d{1,15})\s*$/.exec(text);
  if (!match?.[1] || !match[2]) {
    return refuse('misuse', `"${text}" is not a range of tasks; write first-last, such as 1-500.`);
  }
  return taskRange(Number(match[1]), Number(match[2]));
}

export function taskRange(first: number, last: number): Result<TaskRange> {
  if (last < first) {
    return refuse(
      'misuse',
      `the range ${first}-${last} ends before it begins; write ${last}-${first}.`,
    );
  }
  if (last > maxIndex) {
    return refuse('misuse', `task ${last} is too high a number; the highest is ${maxIndex}.`);
  }
  if (last - first >= maxTasksOfArray) {
    return refuse(
      'misuse',
      `${first}-${last} are ${last - first + 1} tasks; a job has at most ${maxTasksOfArray}, so submit several.`,
    );
  }
  return ok({ first, last });
}
