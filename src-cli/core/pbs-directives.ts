import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { bytes, millis, parseSize, type Bytes, type Millis } from '../../shared/base/units.ts';
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

/** What a directive comes to, part by part: `-l` names several things, each known or not by itself. */
export interface PartReading {
  readonly text: string;
  readonly reading: Reading;
}

/** One option of a `#PBS` line (qsub(1B), Torque's and PBS Professional's). */
export function readPbsOption(
  asked: Asked,
  option: { readonly flag: string; readonly value: string | null; readonly text: string },
  variables: Variables,
): readonly PartReading[] {
  const { flag, value, text } = option;
  if (flag === '-l' && value !== null) {
    return resourceParts(value).map(([key, amount, part]) => ({
      text: `-l ${part}`,
      reading: readResource(asked, key, amount, part),
    }));
  }
  return [{ text, reading: readFlag(asked, flag, value, variables) }];
}

function readFlag(asked: Asked, flag: string, value: string | null, variables: Variables): Reading {
  if (flag === '-h') {
    asked.wishes.hold = true;
    return taken;
  }
  if (flag === '-V')
    return ok({ told: 'the environment here is not sent along; name what it needs with -v NAME' });
  if (flag === '-z') return taken;
  if (value === null) return unknown;
  switch (flag) {
    case '-N':
      asked.wishes.name = value;
      return taken;
    case '-t':
    case '-J':
      return takeArray(asked, value);
    case '-W':
      return value.startsWith('depend=')
        ? takeDependency(asked, value.slice('depend='.length))
        : unknown;
    case '-v':
      return takeVariables(asked, value, variables);
    case '-o':
    case '-e':
      return takeLogName(asked, value, (text) =>
        text
          .replace(/\^array_index\^|\$\{?PBS_ARRAY(ID|_INDEX)\}?/g, '{task}')
          .replace(/\$\{?PBS_JOBID\}?/g, '{job}')
          .replace(/\$\{?PBS_JOBNAME\}?/g, '{name}'),
      );
    case '-j':
    case '-r':
    case '-k':
      return taken;
    case '-S':
      asked.shell = value.split(/[,@]/)[0] ?? value;
      return taken;
    case '-p':
      return readPriority(asked, value);
    case '-a':
      return refuse(
        'misuse',
        `"${value}": this lab starts a job when a PC is free, not at a time; leave it out, or submit it with --hold and use nightshift resume.`,
      );
    default:
      return unknown;
  }
}

/** −1024 to 1023 there, −1000 to 1000 here. */
function readPriority(asked: Asked, text: string): Reading {
  if (!/^[+-]?\d{1,4}$/.test(text))
    return refuse('misuse', `"${text}" is not a priority; write a number from -1024 to 1023.`);
  asked.wishes.priority = Math.max(-1000, Math.min(1000, Number(text)));
  return taken;
}

/** `nodes=1:ppn=4:gpus=1,walltime=01:00:00` → each part with its key and amount. */
function resourceParts(text: string): readonly (readonly [string, string, string])[] {
  return text
    .split(',')
    .flatMap((item) => (/^(nodes|select)=[^+]*$/.test(item) ? item.split(':') : [item]))
    .map((part) => {
      const [key = '', amount = ''] = part.trim().split(/=(.*)/s);
      return [key, amount, part.trim()] as const;
    });
}

function readResource(asked: Asked, key: string, amount: string, part: string): Reading {
  switch (key) {
    case 'nodes':
    case 'select':
      return readNodes(amount, part);
    case 'ppn':
    case 'ncpus':
    case 'procs':
      return take(wholeNumber(amount, 'processors'), (cpus) => (asked.cpusInAll = cpus));
    case 'mpiprocs':
      return taken;
    case 'ompthreads':
      return take(wholeNumber(amount, 'threads'), (threads) => {
        asked.wishes.environment = {
          ...asked.wishes.environment,
          OMP_NUM_THREADS: String(threads),
        };
      });
    case 'mem':
    case 'vmem':
      return take(size(amount), (memory) => {
        // mem= is what it uses; vmem= what it may reserve, and only tells when nothing else does.
        if (key === 'mem' || asked.wishes.memory === undefined) asked.wishes.memory = memory;
      });
    case 'pmem':
    case 'pvmem':
      return take(size(amount), (memory) => (asked.memoryPerProcess = memory));
    case 'walltime':
      return take(clock(amount), (span) => (asked.wishes.wallTime = span));
    case 'cput':
    case 'pcput':
      asked.cpuTime = part;
      return taken;
    case 'place':
      return /^(free|pack)$/.test(amount) ? taken : unknown;
    default:
      return unknown;
  }
}

function readNodes(amount: string, part: string): Reading {
  if (amount === '1') return taken;
  if (/^\d+(\+|$)/.test(amount) || amount.includes('+'))
    return refuse(
      'misuse',
      `"${part}": a task runs on one PC here; ask for one, or make a job array of what can run by itself.`,
    );
  return unknown; // the name of a node
}

/** pbs_resources(7B): bytes unless a suffix says otherwise; `w` counts words of eight bytes. */
function size(text: string): Result<Bytes> {
  const words = /^(\d+)([kmgt]?)w$/i.exec(text);
  const parsed = parseSize(words ? `${words[1] ?? ''}${words[2] ?? ''}` : text);
  if (!parsed.ok) return parsed;
  if (parsed.value === 0)
    return refuse('misuse', `"${text}": a program needs some memory; write one such as mem=2gb.`);
  return ok(bytes(parsed.value * (words ? 8 : 1)));
}

/** pbs_resources(7B): seconds, mm:ss, hh:mm:ss or, in Torque, dd:hh:mm:ss; 0 is no limit. */
function clock(text: string): Result<Millis | null> {
  const match = /^(\d+(?::\d+){0,3})(?:\.\d+)?$/.exec(text);
  if (!match?.[1]) return refuse('misuse', `"${text}" is not a time; write seconds or hh:mm:ss.`);
  const parts = match[1].split(':').map(Number);
  const days = parts.length === 4 ? (parts.shift() ?? 0) : 0;
  const inSeconds = days * 86_400 + parts.reduce((sum, part) => sum * 60 + part, 0);
  return ok(inSeconds === 0 ? null : millis(inSeconds * 1000));
}
