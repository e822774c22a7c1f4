import {
  bytes,
  millis,
  parseSize,
  seconds,
  type Bytes,
  type Millis,
} from '../../shared/base/units.ts';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { parseTaskRange, taskRange, type TaskRange } from '../../shared/domain/task-range.ts';

/** What a batch script asks for by itself; options of the command line win over it. */
export interface ScriptWishes {
  readonly name?: string;
  readonly array?: TaskRange;
  readonly cpus?: number;
  readonly memory?: Bytes;
  readonly wallTime?: Millis;
  /** Jobs that have to be done before, by id. */
  readonly after?: readonly string[];
}

export interface Script {
  /** Interpreter and at most one argument, as the kernel reads a first line. */
  readonly interpreter: readonly string[];
  readonly wishes: ScriptWishes;
  /** One sentence for each directive that has no meaning here. */
  readonly warnings: readonly string[];
}

type Wishes = { -readonly [Key in keyof ScriptWishes]: ScriptWishes[Key] };
/** What one option of a directive comes to: a wish, `'fine'` when it asks for what is so anyway, or nothing. */
type Reading = Result<Wishes | 'fine' | 'unknown'>;

/**
 * Reads `#!`, `#SBATCH` (sbatch(1)) and `#PBS` (qsub(1B), Torque's and PBS Professional's) lines. As sbatch does, it
 * stops looking at the first line that is a command.
 */
export function readScript(text: string, name: string): Result<Script> {
  const lines = text.split(/\r?\n/);
  const interpreter = /^#!\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(lines[0] ?? '');
  if (!interpreter?.[1]) {
    return refuse(
      'misuse',
      `${name} has no #! in its first line; add one, such as #!/bin/sh, or write: nightshift submit --input ${name} -- COMMAND.`,
    );
  }
  const wishes: Wishes = {};
  const warnings: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.trim() !== '' && !line.startsWith('#')) break;
    const directive = /^#(SBATCH|PBS)\s+(.*)$/.exec(line);
    if (!directive?.[1] || directive[2] === undefined) continue;
    for (const option of splitOptions(directive[2])) {
      const reading = directive[1] === 'SBATCH' ? readSlurmOption(option) : readPbsOption(option);
      if (!reading.ok) {
        return refuse(
          'misuse',
          `${name}, line ${at + 1} (#${directive[1]} ${option.text}): ${reading.error.sentence}`,
        );
      }
      if (reading.value === 'unknown') {
        warnings.push(
          `${name}, line ${at + 1}: "#${directive[1]} ${option.text}" has no meaning here and is ignored.`,
        );
      } else if (reading.value !== 'fine') {
        Object.assign(wishes, reading.value);
      }
    }
  }
  const words = interpreter[2] === undefined ? [interpreter[1]] : [interpreter[1], interpreter[2]];
  return ok({ interpreter: words, wishes, warnings });
}

interface Option {
  readonly flag: string;
  readonly value: string | null;
  readonly text: string;
}

/** `--mem=4G -c 2 -J "my job"  # why` → its options. Quotes group words; ` #` begins a comment. */
function splitOptions(text: string): readonly Option[] {
  const words = [...text.replace(/(^|\s)#.*$/, '').matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(
    ([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ''),
  );
  const options: Option[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const long = /^(--[\w-]+)=(.*)$/s.exec(word);
    const glued = /^(-[A-Za-z])(.+)$/s.exec(word);
    const next = words[at + 1];
    if (long?.[1]) options.push({ flag: long[1], value: long[2] ?? '', text: word });
    else if (!word.startsWith('--') && glued?.[1]) {
      options.push({ flag: glued[1], value: (glued[2] ?? '').replace(/^=/, ''), text: word });
    } else if (word.startsWith('-') && next !== undefined && !next.startsWith('-')) {
      options.push({ flag: word, value: next, text: `${word} ${next}` });
      at += 1;
    } else options.push({ flag: word, value: null, text: word });
  }
  return options;
}

const wish = (value: Wishes): Reading => ok(value);
const unknown: Reading = ok('unknown');
const fine: Reading = ok('fine');

function mapped<Value>(result: Result<Value>, wanted: (value: Value) => Wishes): Reading {
  return result.ok ? ok(wanted(result.value)) : result;
}

function readSlurmOption({ flag, value }: Option): Reading {
  if (value === null) return unknown;
  switch (flag) {
    case '-J':
    case '--job-name':
      return wish({ name: value });
    case '-a':
    case '--array':
      return mapped(parseArray(value), (array) => ({ array }));
    case '-c':
    case '--cpus-per-task':
      return mapped(parseCount(value), (cpus) => ({ cpus }));
    case '--mem':
      return mapped(parseSlurmMemory(value), (memory) => ({ memory }));
    case '-t':
    case '--time':
      return mapped(parseSlurmTime(value), (wallTime) => ({ wallTime }));
    case '-d':
    case '--dependency':
      return parseDependency(value);
    case '-n':
    case '--ntasks':
    case '-N':
    case '--nodes':
      return value === '1' ? fine : unknown;
    default:
      return unknown;
  }
}

function readPbsOption({ flag, value }: Option): Reading {
  if (value === null) return unknown;
  switch (flag) {
    case '-N':
      return wish({ name: value });
    case '-t':
    case '-J':
      return mapped(parseArray(value), (array) => ({ array }));
    case '-l':
      return readPbsResources(value);
    case '-W':
      return value.startsWith('depend=') ? parseDependency(value.slice('depend='.length)) : unknown;
    default:
      return unknown;
  }
}

/** `nodes=1:ppn=4,walltime=01:00:00,mem=4gb` or `select=1:ncpus=4:mem=4gb`. */
function readPbsResources(text: string): Reading {
  const wishes: Wishes = {};
  for (const part of text.split(/[,:](?=[a-z]+=)/)) {
    const [key = '', value = ''] = part.split(/=(.*)/s);
    let reading: Reading;
    switch (key) {
      case 'nodes':
      case 'select':
        reading = value === '1' ? fine : unknown;
        break;
      case 'ppn':
      case 'ncpus':
        reading = mapped(parseCount(value), (cpus) => ({ cpus }));
        break;
      case 'mem':
      case 'pmem':
        reading = mapped(parseSize(value), (memory) => ({ memory }));
        break;
      case 'walltime':
        reading = mapped(parseClock(value), (wallTime) => ({ wallTime }));
        break;
      default:
        reading = unknown;
    }
    if (!reading.ok || reading.value === 'unknown') return reading;
    if (reading.value !== 'fine') Object.assign(wishes, reading.value);
  }
  return wish(wishes);
}

/** `afterok:1:2,afterany:3`; "one of them" (`?`) and other kinds have no meaning here. */
function parseDependency(text: string): Reading {
  const after: string[] = [];
  for (const part of text.split(',')) {
    const jobs = /^after(?:ok|any)?:(\d+(?::\d+)*)$/.exec(part)?.[1];
    if (jobs === undefined) return unknown;
    after.push(...jobs.split(':'));
  }
  return wish({ after });
}

function parseCount(text: string): Result<number> {
  return /^[1-9]\d{0,4}$/.test(text)
    ? ok(Number(text))
    : refuse('misuse', `"${text}" is not a number of processors.`);
}

/** `1-10`, `7`, `1-10%4`: how many may run at once is the lab's own business. */
function parseArray(text: string): Result<TaskRange> {
  const range = text.replace(/%\d+$/, '');
  if (/^\d{1,15}$/.test(range)) return taskRange(Number(range), Number(range));
  return parseTaskRange(range);
}

/** Slurm counts memory in megabytes unless a unit is given. */
function parseSlurmMemory(text: string): Result<Bytes> {
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

/** sbatch(1): minutes, minutes:seconds, hours:minutes:seconds, days-hours[:minutes[:seconds]]. */
function parseSlurmTime(text: string): Result<Millis> {
  const match = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text);
  if (!match)
    return refuse('misuse', `"${text}" is not a time; write minutes, hh:mm:ss or days-hours.`);
  const [a = 0, b, c] = [match[2], match[3], match[4]].map((part) =>
    part === undefined ? undefined : Number(part),
  );
  if (match[1] !== undefined) {
    return ok(seconds(Number(match[1]) * 86_400 + a * 3600 + (b ?? 0) * 60 + (c ?? 0)));
  }
  if (c !== undefined) return ok(seconds(a * 3600 + (b ?? 0) * 60 + c));
  return ok(seconds(a * 60 + (b ?? 0)));
}

/** pbs_resources(7B): seconds, mm:ss or hh:mm:ss. */
function parseClock(text: string): Result<Millis> {
  if (!/^\d+(:\d+){0,2}$/.test(text)) {
    return refuse('misuse', `"${text}" is not a time; write seconds or hh:mm:ss.`);
  }
  return ok(millis(text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000));
}
