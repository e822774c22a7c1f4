import { bytes } from '../../shared/base/units.ts';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { readPbsOption, type PartReading } from './pbs-directives.ts';
import type { Asked, ScriptWishes, Variables } from './script-wishes.ts';
import { readSlurmOption } from './slurm-directives.ts';

export interface Script {
  /** Interpreter and at most one argument, as the kernel reads a first line. */
  readonly interpreter: readonly string[];
  readonly wishes: ScriptWishes;
  /** One sentence for each directive that has no meaning here. */
  readonly warnings: readonly string[];
  /** What is sent when the file as it is could not be run (Windows line ends, a byte order mark); else undefined. */
  readonly mended: string | undefined;
}

/** PBS runs a script without `#!` by the shell of whoever submits it. */
const usualShell = '/bin/bash';

/**
 * Reads `#!`, `#SBATCH` (sbatch(1)) and `#PBS` (qsub(1B), Torque's and PBS Professional's) lines. As sbatch does, it
 * stops at the first line that is a command; directives behind it, and those of other systems, are named, since
 * whoever wrote them believes that they count.
 */
export function readScript(
  written: string,
  name: string,
  variables: Variables = () => undefined,
): Result<Script> {
  const text = written.replace(/^\uFEFF/, '').replace(/\r(\n|$)/g, '$1');
  const warnings: string[] = [];
  if (text !== written) warnings.push(mendedSentence(written, name));
  const lines = text.split('\n');
  const asked: Asked = { wishes: {} };
  const strange = new Set<string>();
  let began = false;
  for (const [at, line] of lines.entries()) {
    const where = `${name}, line ${at + 1}`;
    if (!began && line.trim() !== '' && !line.startsWith('#')) began = true;
    const other = /^#(\$|BSUB|COBALT|PJM|@)\s+[-\w@]/.exec(line);
    if (other?.[1] !== undefined && !strange.has(other[1])) {
      strange.add(other[1]);
      warnings.push(`${where}: lines with #${other[1]} are not understood here and are ignored.`);
    }
    const directive = /^#(SBATCH|PBS)\s+(.*)$/.exec(line);
    if (directive?.[1] === undefined || directive[2] === undefined) continue;
    if (began) {
      warnings.push(
        `${where}: "${line.trim()}" stands behind the first command and is ignored; move it above.`,
      );
      continue;
    }
    for (const option of splitOptions(directive[2])) {
      const readings: readonly PartReading[] =
        directive[1] === 'SBATCH'
          ? [
              {
                text: option.text,
                reading: readSlurmOption(asked, option.flag, option.value, variables),
              },
            ]
          : readPbsOption(asked, option, variables);
      for (const { text: part, reading } of readings) {
        if (!reading.ok) {
          return refuse(
            'misuse',
            `${where} (#${directive[1]} ${part}): ${refusalWords(reading.error)}`,
          );
        }
        if (reading.value === 'unknown')
          warnings.push(`${where}: "#${directive[1]} ${part}" has no meaning here and is ignored.`);
        else if (reading.value !== 'taken')
          warnings.push(`${where}: "#${directive[1]} ${part}": ${reading.value.told}.`);
      }
    }
  }
  const interpreter = interpreterOf(lines, name, asked);
  if (!interpreter.ok) return interpreter;
  if (asked.cpuTime !== undefined && asked.wishes.wallTime === undefined) {
    return refuse(
      'misuse',
      `${name} (#PBS -l ${asked.cpuTime}): processor time is not limited here; say how long it may run, with -l walltime=hh:mm:ss.`,
    );
  }
  return ok({
    interpreter: interpreter.value,
    wishes: wishesOf(asked),
    warnings,
    mended: text === written ? undefined : text,
  });
}

function mendedSentence(written: string, name: string): string {
  const what = [
    written.startsWith('\uFEFF') ? 'a byte order mark' : '',
    /\r(\n|$)/.test(written) ? 'Windows line ends' : '',
  ].filter((word) => word !== '');
  return `${name} has ${what.join(' and ')}, which its interpreter would stumble over; it is sent without.`;
}

function interpreterOf(
  lines: readonly string[],
  name: string,
  { shell }: Asked,
): Result<readonly string[]> {
  const first = /^#!\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(lines[0] ?? '');
  if (first?.[1]) return ok(first[2] === undefined ? [first[1]] : [first[1], first[2]]);
  if (lines.some((line) => /^#PBS\s/.test(line))) return ok([shell ?? usualShell]);
  return refuse(
    'misuse',
    `${name} has no #! in its first line; add one, such as #!/bin/sh, or write: nightshift submit --input ${name} -- COMMAND.`,
  );
}

/** Processes × processors of each (Slurm), or all at once (PBS); memory by the processor or the process unless it is said in all. */
function wishesOf({ wishes, processes, cpusEach, cpusInAll, ...memory }: Asked): ScriptWishes {
  const cpus =
    processes === undefined && cpusEach === undefined
      ? cpusInAll
      : Math.max((processes ?? 1) * (cpusEach ?? 1), cpusInAll ?? 1);
  const each =
    memory.memoryPerCpu === undefined
      ? (memory.memoryPerProcess ?? 0) * (cpus ?? 1)
      : memory.memoryPerCpu * (cpus ?? 1);
  return {
    ...wishes,
    ...(cpus === undefined ? {} : { cpus }),
    ...(processes === undefined
      ? {}
      : {
          environment: {
            SLURM_NTASKS: String(processes),
            SLURM_NPROCS: String(processes),
            SLURM_CPUS_PER_TASK: String(cpusEach ?? 1),
            ...wishes.environment,
          },
        }),
    ...(wishes.memory === undefined && each > 0 ? { memory: bytes(each) } : {}),
  };
}

interface Option {
  readonly flag: string;
  readonly value: string | null;
  readonly text: string;
}

/** Their values are lists of their own, in which quotes keep commas together. */
const lists: ReadonlySet<string> = new Set(['--export', '-v']);

const unquoted = (word: string): string =>
  word.replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? '');

/** `--mem=4G -c 2 -J "my job"  # why` → its options. Quotes group words; ` #` begins a comment. */
function splitOptions(text: string): readonly Option[] {
  const words = [...text.replace(/(^|\s)#.*$/, '').matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(
    ([word]) => word,
  );
  const option = (flag: string, value: string | null, text: string): Option => ({
    flag,
    value: value === null || lists.has(flag) ? value : unquoted(value),
    text: unquoted(text),
  });
  const options: Option[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const long = /^(--[\w-]+)=(.*)$/s.exec(word);
    const glued = /^(-[A-Za-z])(.+)$/s.exec(word);
    const next = words[at + 1];
    if (long?.[1]) options.push(option(long[1], long[2] ?? '', word));
    else if (!word.startsWith('--') && glued?.[1]) {
      options.push(option(glued[1], (glued[2] ?? '').replace(/^=/, ''), word));
    } else if (word.startsWith('-') && next !== undefined && !next.startsWith('-')) {
      options.push(option(word, next, `${word} ${next}`));
      at += 1;
    } else options.push(option(word, null, word));
  }
  return options;
}
