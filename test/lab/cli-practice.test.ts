import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project-node.mjs';
import type { JobDetail, MachineView } from '../../shared/api/views.ts';
import { processLives, readHeadJson } from '../../src-cli/platform/head-directory.ts';
import { spawned, type Ran } from './command-line.ts';
import { waitUntil } from './wait-until.ts';

/** The README's evening by hand: nothing but the `nightshift` command, each in a process of its own. */
const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const home = join(folder, 'home');

const launcher = `${process.execPath} ${join(projectRoot, 'bin', 'nightshift.mjs')}`;
const nightshift = (...words: string[]): Promise<Ran> => spawned(home, words, { cwd: folder });
async function done(...words: string[]): Promise<string> {
  const { exitCode, out, err } = await nightshift(...words);
  if (exitCode !== 0)
    throw new Error(`nightshift ${words.join(' ')} ended with ${exitCode}: ${err}`);
  return out;
}
const job = async (name: string): Promise<JobDetail> =>
  JSON.parse(await done('job', name, '--json')) as JobDetail;
const machines = async (): Promise<MachineView[]> =>
  JSON.parse(await done('machines', '--json')) as MachineView[];

/** Counts once in a fifth of a second. */
const counting = (last: number): string[] => [
  'sh',
  '-c',
  `i=0; while [ $i -lt ${last} ]; do i=$((i+1)); echo $i; sleep 0.2; done; echo $i > answer`,
];
const upTo = (last: number): string =>
  Array.from({ length: last }, (_, at) => `${at + 1}\n`).join('');

describe.skipIf(process.getuid?.() !== 0)('an evening by hand', () => {
  afterAll(async () => {
    await nightshift('practice', 'down');
    const head = await readHeadJson(home);
    if (head !== null) process.kill(head.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('begins with one command, which starts a head in the background and two PCs', async () => {
    const up = await nightshift('practice', 'up', '--pcs', '2', '--json');
    expect(up).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(up.out)).toMatchObject([
      { name: 'pc-01', state: 'on' },
      { name: 'pc-02', state: 'on' },
    ]);
    expect(up.err).toContain('starting one');
    expect((await machines()).map(({ name, state }) => `${name} ${state}`)).toEqual([
      'pc-01 ready',
      'pc-02 ready',
    ]);
  });

  it('runs one program as if it ran here', async () => {
    expect(await nightshift('run', '--', 'sh', '-c', 'echo hello; exit 3')).toEqual({
      exitCode: 3,
      out: 'hello\n',
      err: '',
    });
    const missing = await nightshift('run', '--', 'nonesuch');
    expect(missing).toMatchObject({ exitCode: 1, out: '' });
    expect(missing.err).toMatch(/^nightshift: [^\n]*nonesuch[^\n]*\n$/);
  });

  it('gives it what stands on standard input, and gets back every byte', async () => {
    const bytes = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, at) => (at * 31) % 256));
    writeFileSync(join(folder, 'given'), bytes);
    const pipeline = `cat given | ${launcher} run -- cat | cmp - given && ${launcher} run -- tail -c 3 < given | od -An -tu1`;
    const ended = spawnSync('bash', ['-o', 'pipefail', '-c', pipeline], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NIGHTSHIFT_HOME: home },
    });
    expect(ended).toMatchObject({ stderr: '', status: 0 });
    expect(ended.stdout.trim().split(/\s+/).map(Number)).toEqual([...bytes.subarray(-3)]);
  });

  it('runs a script of PBS or Slurm as it is: where it was submitted, its processors, srun', async () => {
    writeFileSync(
      join(folder, 'batch.sh'),
      '#PBS -N batch\n#SBATCH --ntasks=2 -o %x.%j.out\ncd $PBS_O_WORKDIR; cd "$SLURM_SUBMIT_DIR"; ls batch.sh\n' +
        'wc -l < $PBS_NODEFILE; echo $PBS_NP $PBS_JOBNAME $SLURM_NTASKS $TMPDIR; srun sh -c "echo process" \n',
    );
    await done('submit', '--wait', 'batch.sh');
    await done('fetch', 'batch', '-o', 'batch-results', '--logs');
    const { id } = await job('batch');
    expect(readFileSync(join(folder, 'batch-results', `batch.${id}.out`), 'utf8')).toBe(
      'batch.sh\n2\n2 batch 2 /tmp\nprocess\nprocess\n',
    );
  });

  it('runs an array with its inputs and brings its outputs home', async () => {
    for (const task of [1, 2, 3]) writeFileSync(join(folder, `in-${task}.txt`), `input ${task}\n`);
    writeFileSync(
      join(folder, 'sweep.sh'),
      '#!/bin/sh\n#SBATCH --array=1-3 --job-name=sweep\ntr a-z A-Z < in.txt > out.txt\necho task $SLURM_ARRAY_TASK_ID\n',
    );
    await done(
      'submit',
      '--wait',
      '--input',
      'in-{task}.txt:in.txt',
      '--output',
      '*.txt',
      'sweep.sh',
    );
    expect(await done('fetch', 'sweep', '-o', 'results', '--logs')).toContain(
      'fetched into results',
    );
    for (const task of [1, 2, 3]) {
      expect(readFileSync(join(folder, 'results', String(task), 'out.txt'), 'utf8')).toBe(
        `INPUT ${task}\n`,
      );
      expect(readFileSync(join(folder, 'results', String(task), 'task.log'), 'utf8')).toBe(
        `task ${task}\n`,
      );
    }
  });

  it('says that a pattern matched nothing', async () => {
    const ended = await nightshift('submit', '--wait', '--output', '*.png', '--', 'true');
    expect(ended.exitCode).toBe(1);
    expect(ended.out).toContain('*.png');
  });

  it('moves a program that counts, through a kill of the head, a release and the next night', async () => {
    await done('submit', '--name', 'long', '--output', 'answer', '--', ...counting(150));
    const following = nightshift('logs', '-f', 'long');
    const counted = async (least: number): Promise<unknown> =>
      waitUntil(`the program has counted to ${least}`, async () =>
        (await done('logs', 'long')).includes(`\n${least}\n`),
      );
    await counted(5);
    const { machine } = (await job('long')).tasks[0]!;
    const other = machine === 'pc-01' ? 'pc-02' : 'pc-01';
    expect(await done('migrate', 'long', other)).toMatch(
      new RegExp(`^Task \\d+\\.0 runs on ${other}: frozen for .*\\n$`),
    );
    expect((await job('long')).tasks[0]).toMatchObject({
      machine: other,
      migrations: [{ from: machine, to: other }],
    });

    await counted(30);
    process.kill((await readHeadJson(home))!.pid, 'SIGKILL');
    await waitUntil('the head is gone', async () => (await nightshift('jobs')).exitCode === 1);
    await done('practice', 'up', '--pcs', '2');
    await counted(40);

    const released = JSON.parse(await done('release', '--all', '--json')) as {
      machines: { name: string; state: string }[];
      minutesLost: number;
    };
    expect(released.machines.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      'pc-01 released',
      'pc-02 released',
    ]);
    expect(released.minutesLost).toBe(0);
    expect((await job('long')).tasks[0]).toMatchObject({ state: 'suspended', machine: null });

    await done('practice', 'up', '--pcs', '2');
    expect(await following).toMatchObject({ exitCode: 0, out: upTo(150) });
    expect((await job('long')).tasks[0]).toMatchObject({ state: 'done', restartsFromZero: 0 });
    await done('fetch', 'long', '-o', 'answer-of-long');
    expect(readFileSync(join(folder, 'answer-of-long', 'answer'), 'utf8')).toBe('150\n');
  });

  it('ends with a report, and with a head that stops because practice up had started it', async () => {
    expect(await done('report')).toContain('Night 2 of');
    const { pid } = (await readHeadJson(home))!;
    expect(JSON.parse(await done('practice', 'down', '--json'))).toMatchObject({
      headStopped: true,
    });
    expect(processLives(pid)).toBe(false);
    expect((await nightshift('machines')).exitCode).toBe(1);
  });
});
