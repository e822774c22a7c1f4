import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mebibytes, minutes, seconds } from '../../../shared/base/units.ts';
import { readScript } from '../../../src-cli/core/script-directives.ts';

const script = (...lines: string[]): string =>
  ['#!/bin/bash', ...lines, 'echo hello', ''].join('\n');

function wishesOf(text: string) {
  const read = readScript(text, 'job.sh');
  if (!read.ok) throw new Error(read.error.sentence);
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
    expect(readScript('echo hello\n', 'job.sh')).toEqual({
      ok: false,
      error: {
        code: 'misuse',
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

  it('is looked at only until its first command, as sbatch does', () => {
    expect(wishesOf(script('echo first', '#SBATCH --job-name=late')).wishes).toEqual({});
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
    ['#PBS -l walltime=1h', '"1h" is not a time; write seconds or hh:mm:ss.'],
  ])('with %s is refused and says where', (line, sentence) => {
    const read = readScript(script('', line), 'job.sh');
    expect(read).toEqual({
      ok: false,
      error: { code: 'misuse', sentence: `job.sh, line 3 (${line}): ${sentence}` },
    });
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
    ['#SBATCH --dependency=afterok:1:2', ['1', '2']],
    ['#SBATCH -d after:3,afterany:4', ['3', '4']],
    ['#PBS -W depend=afterok:5', ['5']],
  ])('%s makes the job wait for others', (line, after) => {
    const script = readScript(`#!/bin/sh\n${line}\ntrue\n`, 'a.sh');
    expect(script).toMatchObject({ ok: true, value: { wishes: { after }, warnings: [] } });
  });
});
