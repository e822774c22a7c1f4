import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { bytes, parseSize, seconds, type Bytes, type Millis } from '../../shared/base/units.ts';
import {
  take,
  takeArray,
  takeDependency,
  taken,
  takeLogName,
  takeVariables,
  unknown,
  wholeNumber,
  type Asked,
  type Reading,
  type Variables,
} from './script-wishes.ts';

/** Options that ask for nothing, or for what is so anyway. */
const fine: ReadonlySet<string> = new Set(
  ['--requeue', '--parsable', '--quiet', '-Q', '--verbose', '-v', '-K', '--no-kill', '-k'].concat([
    '--kill-on-invalid-dep',
    '--open-mode',
    '--oversubscribe',
    '-s',
  ]),
);

/** One option of an `#SBATCH` line (sbatch(1), Slurm 24.11). */
export function readSlurmOption(
  asked: Asked,
  flag: string,
  value: string | null,
  variables: Variables,
): Reading {
  if (fine.has(flag)) return taken;
  if (flag === '-H' || flag === '--hold') {
    asked.wishes.hold = true;
    return taken;
  }
  if (value === null) return unknown;
  switch (flag) {
    case '-J':
    case '--job-name':
      asked.wishes.name = value;
      return taken;
    case '-a':
    case '--array':
      return takeArray(asked, value);
    case '-c':
    case '--cpus-per-task':
      return take(wholeNumber(value, 'processors'), (cpus) => (asked.cpusEach = cpus));
    case '-n':
    case '--ntasks':
    case '--ntasks-per-node':
    case '--tasks-per-node':
      return take(wholeNumber(value, 'processes'), (count) => (asked.processes = count));
    case '-N':
    case '--nodes':
      return readNodes(value);
    case '--mem':
      return take(memory(value), (size) => (asked.wishes.memory = size));
    case '--mem-per-cpu':
      return take(memory(value), (size) => (asked.memoryPerCpu = size));
    case '-t':
    case '--time':
      return take(time(value), (span) => (asked.wishes.wallTime = span));
    case '-d':
    case '--dependency':
      return takeDependency(asked, value);
    case '-o':
    case '--output':
    case '-e':
    case '--error':
      return takeLogName(asked, value, fillPattern);
    case '-i':
    case '--input':
      if (value !== '/dev/null')
        asked.wishes.environment = { ...asked.wishes.environment, NIGHTSHIFT_STDIN: value };
      return taken;
    case '--export':
      return readExport(asked, value, variables);
    case '-b':
    case '--begin':
      return value === 'now' ? taken : notBefore(value);
    case '--deadline':
      return notBefore(value);
    case '-D':
    case '--chdir':
      return value === '.' ? taken : unknown;
    default:
      return unknown;
  }
}

/** `1`, `1-1`, `1-4` (at least one): a task runs on one PC. */
function readNodes(text: string): Reading {
  return /^1(-\d+)?$/.test(text)
    ? taken
    : refuse(
        'misuse',
        `a task runs on one PC here; write --nodes=1, or make a job array of what can run by itself.`,
      );
}

const notBefore = (text: string): Result<never> =>
  refuse(
    'misuse',
    `"${text}": this lab starts a job when a PC is free, not at a time; leave it out, or submit it with --hold and use nightshift resume.`,
  );

/** `ALL`, `NONE`, `ALL,A=1`, `A=1,B`: a task never gets the environment of whoever submits it, only what is named. */
function readExport(asked: Asked, text: string, variables: Variables): Reading {
  const words = text.split(',');
  const named = words.filter((word) => !/^(ALL|NONE|NIL)$/i.test(word)).join(',');
  const reading: Reading = named === '' ? taken : takeVariables(asked, named, variables);
  if (reading.ok && reading.value === 'taken' && words.some((word) => /^ALL$/i.test(word)))
    return ok({
      told: 'the environment here is not sent along; name what it needs, such as --export=A=1',
    });
  return reading;
}

/** sbatch(1), "filename pattern"; `%4a` pads with zeros, which is left out: the number is filled in later. */
function fillPattern(text: string): string {
  return text.replace(/%\d*([AajJuxNnst%])/g, (_, letter: string) => {
    switch (letter) {
      case 'A':
      case 'j':
      case 'J':
        return '{job}';
      case 'a':
        return '{task}';
      case 'x':
        return '{name}';
      case 'u':
        return '{owner}';
      case '%':
        return '%';
      default:
        return '0';
    }
  });
}

/** Slurm counts memory in megabytes unless a unit is given. */
function memory(text: string): Result<Bytes> {
  const size = parseSize(/^\d+$/.test(text) ? `${text}M` : text);
  return size.ok && size.value === 0
    ? refuse(
        'misuse',
        'write how much memory it needs, such as --mem=4G; "all of it" has no meaning here.',
      )
    : size.ok
      ? ok(bytes(size.value))
      : size;
}

/** sbatch(1): minutes, minutes:seconds, hours:minutes:seconds, days-hours[:minutes[:seconds]]; 0 is no limit. */
function time(text: string): Result<Millis | null> {
  if (/^(unlimited|infinite)$/i.test(text)) return ok(null);
  const match = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text);
  if (!match)
    return refuse('misuse', `"${text}" is not a time; write minutes, hh:mm:ss or days-hours.`);
  const [days, a = 0, b, c] = match
    .slice(1)
    .map((part?: string) => (part === undefined ? undefined : Number(part)));
  const inSeconds =
    days !== undefined
      ? days * 86_400 + a * 3600 + (b ?? 0) * 60 + (c ?? 0)
      : c !== undefined
        ? a * 3600 + (b ?? 0) * 60 + c
        : a * 60 + (b ?? 0);
  return ok(inSeconds === 0 ? null : seconds(inSeconds));
}
