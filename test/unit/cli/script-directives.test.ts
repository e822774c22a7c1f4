import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mebibytes, minutes, seconds } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { readScript } from '../../../src-cli/core/script-directives.ts';
import { inWords } from '../../in-words.ts';

const script = (...lines: string[]): string =>
  ['#!/bin/bash', ...lines, 'echo hello', ''].join('\n');

/** What the script finds in its environment of the processes it asked for. */
const processes = (count: number, cpusEach: number): Record<string, string> => ({
  SLURM_NTASKS: String(count),
  SLURM_NPROCS: String(count),
  SLURM_CPUS_PER_TASK: String(cpusEach),
});

function wishesOf(text: string) {
  const read = readScript(text, 'job.sh');
  if (!read.ok) throw new Error(refusalWords(read.error));
  return read.value;
}

describe('a batch script', () => {
  it('is run by the interpreter of its first line', () => {
    expect(wishesOf('#!/bin/sh\n').interpreter).toEqual(['/bin/sh']);
    expect(wishesOf('#! /usr/bin/env  python3 \nprint(1)\n').interpreter).toEqual([
      '/usr/bin/env',
      'python3',
    ]);
    expect(wishesOf('#!/usr/bin/awk -f\r\nBEGIN {}\r\n').interpreter).toEqual([
      '/usr/bin/awk',
      '-f',
    ]);
  });

  it('without such a line is refused with what to write', () => {
    expect(inWords(readScript('echo hello\n', 'job.sh'))).toEqual({
      ok: false,
      error: {
        kind: 'misuse',
        sentence:
          'job.sh has no #! in its first line; add one, such as #!/bin/sh, or write: nightshift submit --input job.sh -- COMMAND.',
      },
    });
  });

  it('of Slurm says its name, array, processors, memory and time', () => {
    const { wishes, warnings } = wishesOf(
      script(
        '#SBATCH --job-name=render',
        '#SBATCH -a 1-10%4',
        '#SBATCH -c4   # four of them',
        '',
        '# a remark',
        '#SBATCH --mem=4G --time=1-12:30:00',
      ),
    );
    expect(wishes).toEqual({
      name: 'render',
      array: { first: 1, last: 10 },
      atOnce: 4,
      cpus: 4,
      memory: mebibytes(4096),
      wallTime: seconds(36 * 3600 + 30 * 60),
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['90', minutes(90)],
    ['10:30', seconds(630)],
    ['01:00:00', minutes(60)],
    ['2-0', minutes(2880)],
    ['1-6:30', minutes(1830)],
    ['0', null],
    ['UNLIMITED', null],
  ])('of Slurm counts the time %s as sbatch does', (text, wallTime) => {
    expect(wishesOf(script(`#SBATCH -t ${text}`)).wishes.wallTime).toBe(wallTime);
  });

  it('of Slurm counts memory in megabytes when there is no unit', () => {
    expect(wishesOf(script('#SBATCH --mem=2048')).wishes.memory).toBe(mebibytes(2048));
  });

  it('of Slurm may name one element of an array', () => {
    expect(wishesOf(script('#SBATCH --array=7')).wishes.array).toEqual({ first: 7, last: 7 });
  });

  it('of PBS says its name, array, processors, memory and time', () => {
    const torque = wishesOf(
      script('#PBS -N sweep', '#PBS -t 0-3', '#PBS -l nodes=1:ppn=2,walltime=02:00:00,mem=512mb'),
    );
    expect(torque.wishes).toEqual({
      name: 'sweep',
      array: { first: 0, last: 3 },
      cpus: 2,
      memory: mebibytes(512),
      wallTime: minutes(120),
    });
    const professional = wishesOf(
      script('#PBS -J 1-9', '#PBS -l select=1:ncpus=8:mem=2gb', '#PBS -l walltime=90'),
    );
    expect(professional.wishes).toEqual({
      array: { first: 1, last: 9 },
      cpus: 8,
      memory: mebibytes(2048),
      wallTime: seconds(90),
    });
    expect([...torque.warnings, ...professional.warnings]).toEqual([]);
  });

  it('names each directive that means nothing here, and the line it stands in', () => {
    expect(
      wishesOf(script('#SBATCH --partition=gpu -N 1', '#SBATCH --mail-type END', '#PBS -q long'))
        .warnings,
    ).toEqual([
      'job.sh, line 2: "#SBATCH --partition=gpu" has no meaning here and is ignored.',
      'job.sh, line 3: "#SBATCH --mail-type END" has no meaning here and is ignored.',
      'job.sh, line 4: "#PBS -q long" has no meaning here and is ignored.',
    ]);
  });

  it('is looked at only until its first command, as sbatch does, and what stands behind it is named', () => {
    const { wishes, warnings } = wishesOf(script('echo first', '#SBATCH --job-name=late'));
    expect(wishes).toEqual({});
    expect(warnings).toEqual([
      'job.sh, line 3: "#SBATCH --job-name=late" stands behind the first command and is ignored; move it above.',
    ]);
  });

  it('for another system is told once that its lines are not understood', () => {
    expect(wishesOf(script('#$ -N x', '#$ -l h_rt=1:0:0', '#BSUB -n 4')).warnings).toEqual([
      'job.sh, line 2: lines with #$ are not understood here and are ignored.',
      'job.sh, line 4: lines with #BSUB are not understood here and are ignored.',
    ]);
  });

  it('has each part of a resource list read by itself', () => {
    const { wishes, warnings } = wishesOf(
      script('#PBS -l nodes=1:ppn=2:gpus=1,mem=200mb,walltime=00:00:20', '#PBS -l host=a,ncpus=3'),
    );
    expect(wishes).toEqual({ cpus: 3, memory: mebibytes(200), wallTime: seconds(20) });
    expect(warnings).toEqual([
      'job.sh, line 2: "#PBS -l gpus=1" has no meaning here and is ignored.',
      'job.sh, line 3: "#PBS -l host=a" has no meaning here and is ignored.',
    ]);
  });

  it('of both systems says the same twice, and asks for it once', () => {
    const both = wishesOf(
      script(
        '#PBS -l nodes=1:ppn=2:gpus=1,mem=200mb,walltime=00:00:20',
        '#SBATCH --array=1-6%2',
        '#SBATCH --ntasks=2 --mem-per-cpu=100M',
      ),
    ).wishes;
    expect(both).toMatchObject({ cpus: 2, memory: mebibytes(200), atOnce: 2 });
    const threads = script('#PBS -l select=1:ncpus=4', '#SBATCH -n 1 -c 4');
    expect(wishesOf(threads).wishes.cpus).toBe(4);
    expect(wishesOf(script('#PBS -l ncpus=8', '#SBATCH -c 2')).wishes.cpus).toBe(8);
  });

  // Whatever changes how much, how long or when is honoured.
  it.each([
    [
      ['#SBATCH --ntasks=2 --mem-per-cpu=100M'],
      { cpus: 2, memory: mebibytes(200), environment: processes(2, 1) },
    ],
    [
      ['#SBATCH -n 2 -c 3', '#SBATCH --mem-per-cpu=1G'],
      { cpus: 6, memory: mebibytes(6144), environment: processes(2, 3) },
    ],
    [['#SBATCH --ntasks-per-node=4 -N 1'], { cpus: 4, environment: processes(4, 1) }],
    [['#SBATCH -N 1-4'], {}],
    [['#SBATCH --mem=1G --mem-per-cpu=100M -c 2'], { cpus: 2, memory: mebibytes(1024) }],
    [['#SBATCH -a 1-6%2'], { array: { first: 1, last: 6 }, atOnce: 2 }],
    [['#SBATCH --hold'], { hold: true }],
    [['#SBATCH --export=A=1,B="x,y"'], { environment: { A: '1', B: 'x,y' } }],
    [['#SBATCH --export=NONE'], {}],
    [['#SBATCH --export=HERE'], { environment: { HERE: 'value' } }],
    [
      ['#SBATCH -J sweep -o logs/%x-%A_%a.out'],
      { name: 'sweep', logName: 'logs/{name}-{job}_{task}.out' },
    ],
    [['#SBATCH -o %j.out -e %j.out'], { logName: '{job}.out' }],
    [['#SBATCH --output=/scratch/out/%u.log'], { logName: '{owner}.log' }],
    [['#PBS -t 1-9%3'], { array: { first: 1, last: 9 }, atOnce: 3 }],
    [
      ['#PBS -l select=1:ncpus=2:mpiprocs=2:ompthreads=4'],
      { cpus: 2, environment: { OMP_NUM_THREADS: '4' } },
    ],
    [['#PBS -l nodes=1:ppn=4,pmem=100mb'], { cpus: 4, memory: mebibytes(400) }],
    [['#PBS -l walltime=1:00:00:00,cput=10:00'], { wallTime: minutes(1440) }],
    [['#PBS -v A=1,HERE'], { environment: { A: '1', HERE: 'value' } }],
    [['#PBS -o out.$PBS_JOBID -j oe'], { logName: 'out.{job}' }],
    [['#PBS -o head:/scratch/x.out'], { logName: 'x.out' }],
    [['#PBS -p 1023 -h'], { priority: 1000, hold: true }],
    [['#PBS -W depend=afterok:12.head:13[].head'], { afterOk: ['12', '13'] }],
  ] as const)('%j is honoured', (lines, wishes) => {
    const read = readScript(script(...lines), 'job.sh', (name) =>
      name === 'HERE' ? 'value' : undefined,
    );
    expect(read).toMatchObject({ ok: true, value: { wishes, warnings: [] } });
    expect(read.ok && read.value.wishes).toEqual(wishes);
  });

  it.each([
    ['#SBATCH --export=ALL,A=1', 'the environment here is not sent along; name what it needs'],
    ['#PBS -V', 'the environment here is not sent along; name what it needs'],
    ['#PBS -v GONE', 'GONE: not set here, so the job does not get it'],
    ['#SBATCH -o a.out -e a.err', 'output and errors are one log here'],
    ['#SBATCH --gres=gpu:1', 'has no meaning here and is ignored'],
    ['#SBATCH --exclusive', 'has no meaning here and is ignored'],
  ])('%s is told of', (line, told) => {
    expect(wishesOf(script(line)).warnings.join()).toContain(told);
  });

  it('of PBS needs no interpreter in its first line', () => {
    expect(wishesOf('#PBS -N a\ntrue\n').interpreter).toEqual(['/bin/bash']);
    expect(wishesOf('#PBS -S /bin/sh\ntrue\n').interpreter).toEqual(['/bin/sh']);
  });

  it('from a Windows editor may end in half a line end', () => {
    expect(wishesOf('#!/bin/sh\r\ntrue\r').mended).toBe('#!/bin/sh\ntrue');
    expect(wishesOf('#!/bin/sh\nprintf "a\rb"\n').mended).toBeUndefined();
  });

  // What a Windows editor leaves in a file: the kernel would look for an interpreter called "bash^M".
  it.each([
    ['#!/bin/sh\r\n#SBATCH -c 2\r\ntrue\r\n', 'Windows line ends'],
    ['\uFEFF#!/bin/sh\n#SBATCH -c 2\ntrue\n', 'a byte order mark'],
    ['\uFEFF#!/bin/sh\r\n#SBATCH -c 2\r\ntrue\r\n', 'a byte order mark and Windows line ends'],
  ])('from a Windows editor is sent as it was meant, with a word', (text, what) => {
    const { interpreter, wishes, warnings, mended } = wishesOf(text);
    expect(interpreter).toEqual(['/bin/sh']);
    expect(wishes).toEqual({ cpus: 2 });
    expect(mended).toBe('#!/bin/sh\n#SBATCH -c 2\ntrue\n');
    expect(warnings).toEqual([
      `job.sh has ${what}, which its interpreter would stumble over; it is sent without.`,
    ]);
  });

  it('keeps quoted words together', () => {
    expect(wishesOf(script('#SBATCH -J "my job"')).wishes.name).toBe('my job');
  });

  it.each([
    ['#SBATCH --array=1,5,9', '"1,5,9" is not a range of tasks; write first-last, such as 1-500.'],
    [
      '#SBATCH --mem=lots',
      '"lots" is not a size; write a number with K, M, G or T, such as 512M or 2G.',
    ],
    [
      '#SBATCH --mem=0',
      'write how much memory it needs, such as --mem=4G; "all of it" has no meaning here.',
    ],
    ['#SBATCH -c none', '"none" is not a number of processors.'],
    ['#SBATCH --time=soon', '"soon" is not a time; write minutes, hh:mm:ss or days-hours.'],
  ])('with %s is refused and says where', (line, sentence) => {
    const read = readScript(script('', line), 'job.sh');
    expect(inWords(read)).toEqual({
      ok: false,
      error: { kind: 'misuse', sentence: `job.sh, line 3 (${line}): ${sentence}` },
    });
  });

  it.each([
    ['#SBATCH --dependency=afternotok:1', '"afternotok:1" is no dependency this lab has'],
    ['#SBATCH -d after:1', '"after:1" is no dependency this lab has'],
    ['#SBATCH -d singleton', '"singleton" is no dependency this lab has'],
    ['#SBATCH -d afterok:1?afterok:2', '"afterok:1?afterok:2" is no dependency this lab has'],
    ['#SBATCH -N 2', 'a task runs on one PC here'],
    ['#SBATCH --begin=now+1hour', 'starts a job when a PC is free, not at a time'],
    ['#PBS -a 2200', 'starts a job when a PC is free, not at a time'],
    ['#SBATCH -o ../x', '"../x" is no name for a log'],
  ])('with %s is refused: it would run otherwise than it says', (line, sentence) => {
    const read = readScript(script(line), 'job.sh');
    expect(read.ok ? '' : refusalWords(read.error)).toContain(sentence);
  });

  it.each([
    ['#PBS -l nodes=2:ppn=2', '-l nodes=2', 'a task runs on one PC here'],
    [
      '#PBS -l select=1:ncpus=2+1:ncpus=4',
      '-l select=1:ncpus=2+1:ncpus=4',
      'a task runs on one PC',
    ],
    ['#PBS -l cput=10:00', '-l cput=10:00', 'processor time is not limited here'],
    ['#PBS -W depend=beforeok:3', '-W depend=beforeok:3', 'is no dependency this lab has'],
    ['#PBS -l walltime=1h', '-l walltime=1h', '"1h" is not a time; write seconds or hh:mm:ss.'],
  ])('with %s is refused and names the part', (line, part, sentence) => {
    const read = readScript(script(line), 'job.sh');
    expect(read.ok ? '' : refusalWords(read.error)).toContain(`(#PBS ${part}): `);
    expect(read.ok ? '' : refusalWords(read.error)).toContain(sentence);
  });

  it('of any content is read or refused, never a surprise', () => {
    const line = fc.oneof(
      fc.string(),
      fc.string().map((text) => `#SBATCH ${text}`),
      fc.string().map((text) => `#PBS -l ${text}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        readScript(['#!/bin/sh', ...lines].join('\n'), 'job.sh');
      }),
    );
  });

  it.each([
    ['#SBATCH --dependency=afterok:1:2', { afterOk: ['1', '2'] }],
    ['#SBATCH -d afterok:3,afterany:4', { afterOk: ['3'], after: ['4'] }],
    ['#PBS -W depend=afterany:5', { after: ['5'] }],
  ])('%s makes the job wait for others', (line, wishes) => {
    expect(wishesOf(script(line))).toMatchObject({ wishes, warnings: [] });
  });
});
