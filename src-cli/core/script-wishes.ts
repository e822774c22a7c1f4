import { ok, refuse, type Result } from '../../shared/base/result.ts';
import type { Bytes, Millis } from '../../shared/base/units.ts';
import { parseTaskRange, taskRange, type TaskRange } from '../../shared/domain/task-range.ts';

/** What a batch script asks for by itself; options of the command line win over it. */
export interface ScriptWishes {
  readonly name?: string;
  readonly array?: TaskRange;
  /** `%4`: so many tasks of the array at a time. */
  readonly atOnce?: number;
  readonly cpus?: number;
  readonly memory?: Bytes;
  /** null: as long as it takes, said in so many words. */
  readonly wallTime?: Millis | null;
  readonly priority?: number;
  readonly hold?: boolean;
  /** Jobs that have to be over before, by id. */
  readonly after?: readonly string[];
  /** Jobs that have to be done before, by id. */
  readonly afterOk?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Name of the log among the results; `{job}`, `{task}`, `{name}` and `{owner}` are filled in by the head. */
  readonly logName?: string;
}

/** What was read so far; processors and memory come together at the end, since each may be said by part. */
export interface Asked {
  wishes: { -readonly [Key in keyof ScriptWishes]: ScriptWishes[Key] };
  /** Processes the script means to start; each gets its processors. */
  processes?: number;
  cpusEach?: number;
  /** Processors of the whole job, as PBS counts them. A script written for both systems says the same twice. */
  cpusInAll?: number;
  /** Memory of each processor (Slurm) or of each process (PBS). */
  memoryPerCpu?: Bytes;
  memoryPerProcess?: Bytes;
  /** Processor time of the whole job (PBS `cput`), which is not counted here. */
  cpuTime?: string;
  /** Interpreter of a script without `#!` (PBS `-S`). */
  shell?: string;
}

/** What one word of a directive comes to: it was taken, is so anyway, has no meaning here, or has a word to say. */
export type Reading = Result<'taken' | 'unknown' | { readonly told: string }>;

export const taken: Reading = ok('taken');
export const unknown: Reading = ok('unknown');

/** A value of the submitter's own environment, or undefined. */
export type Variables = (name: string) => string | undefined;

export function take<Value>(result: Result<Value>, put: (value: Value) => void): Reading {
  if (!result.ok) return result;
  put(result.value);
  return taken;
}

export function wholeNumber(text: string, of: string): Result<number> {
  return /^[1-9]\d{0,4}$/.test(text)
    ? ok(Number(text))
    : refuse('misuse', `"${text}" is not a number of ${of}.`);
}

/** `1-10`, `7`, `1-10%4`. */
export function takeArray(asked: Asked, text: string): Reading {
  const match = /^(.*?)(?:%(\d+))?$/s.exec(text);
  const range = match?.[1] ?? text;
  const parsed = /^\d{1,15}$/.test(range)
    ? taskRange(Number(range), Number(range))
    : parseTaskRange(range);
  return take(parsed, (array) => {
    asked.wishes.array = array;
    // `%0` is no limit, as Slurm reads it.
    if (Number(match?.[2] ?? 0) > 0) asked.wishes.atOnce = Number(match?.[2]);
  });
}

/**
 * `afterok:1:2,afterany:3`. What a job waits for decides when it starts, so a kind that is not had here is refused: a
 * warning that scrolls by is no reason to start.
 */
export function takeDependency(asked: Asked, text: string): Reading {
  const after: string[] = [];
  const afterOk: string[] = [];
  for (const part of text.split(',')) {
    const [kind = '', ...jobs] = part.split(':');
    // PBS ids carry their server, and an array's a pair of brackets: 12.head, 12[].head.
    const ids = jobs.map((job) => /^(\d+)(?:\[\])?(?:\.[\w.-]+)?$/.exec(job)?.[1]);
    if (!/^after(ok|any)$/.test(kind) || ids.length === 0 || ids.includes(undefined)) {
      return refuse(
        'misuse',
        `"${part}" is no dependency this lab has; it has afterok:JOB (once that is done) and afterany:JOB (once it is over, however it ended), joined by commas.`,
      );
    }
    const known = ids.filter((id) => id !== undefined);
    (kind === 'afterok' ? afterOk : after).push(...known);
  }
  if (after.length > 0) asked.wishes.after = [...(asked.wishes.after ?? []), ...after];
  if (afterOk.length > 0) asked.wishes.afterOk = [...(asked.wishes.afterOk ?? []), ...afterOk];
  return taken;
}

/** `A=1,B="x,y",C`: a name alone takes the value it has where the job is submitted. */
export function takeVariables(asked: Asked, text: string, variables: Variables): Reading {
  const missing: string[] = [];
  for (const item of text.match(/(?:"[^"]*"|'[^']*'|[^,"'])+/g) ?? []) {
    const [name = '', value] = item.trim().split(/=(.*)/s);
    if (!/^[A-Za-z_]\w*$/.test(name))
      return refuse('misuse', `"${item.trim()}" is not a variable; write NAME=VALUE or NAME.`);
    const known = value?.replace(/^(["'])(.*)\1$/s, '$2') ?? variables(name);
    if (known === undefined) missing.push(name);
    else asked.wishes.environment = { ...asked.wishes.environment, [name]: known };
  }
  return missing.length === 0
    ? taken
    : ok({ told: `${missing.join(', ')}: not set here, so the job does not get it` });
}

/** `logs/%x-%A_%a.out` → `logs/{name}-{job}_{task}.out`. An absolute path keeps its last part: the log lies among the results. */
export function takeLogName(asked: Asked, text: string, fill: (text: string) => string): Reading {
  if (text === '/dev/null') return taken;
  const path = text.replace(/^[^/]*:/, ''); // PBS: HOST:PATH
  const parts = fill(path.startsWith('/') ? (path.split('/').at(-1) ?? '') : path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..'))
    return refuse('misuse', `"${text}" is no name for a log; write one such as run-%j.out.`);
  const name = parts.join('/');
  if (asked.wishes.logName !== undefined && asked.wishes.logName !== name)
    return ok({ told: 'output and errors are one log here, in the order they were written' });
  asked.wishes.logName = name;
  return taken;
}
