import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { srunScript } from '../../../src-member/platform/containers/shipped-scripts.ts';

const folder = mkdtempSync(join(tmpdir(), 'srun-'));
const srun = join(folder, 'srun');
writeFileSync(srun, srunScript, { mode: 0o755 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (words: readonly string[], environment: Record<string, string> = {}) =>
  spawnSync(srun, words, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });

describe('srun in a task', () => {
  it.each([
    [['echo', 'hi']],
    [['--', 'echo', 'hi']],
    [['-n', '1', '--mpi=none', '--exclusive', '-c', '4', 'echo', 'hi']],
    [['--cpus-per-task', '2', '--mem=1G', '-u', 'echo', 'hi']],
  ])('runs its words once: %j', (words) => {
    expect(run(words)).toMatchObject({ stdout: 'hi\n', status: 0 });
  });

  it('runs them once for each process that was asked for, each with its number', () => {
    const lines = (text: string): string[] => text.trim().split('\n').sort();
    const number = ['sh', '-c', 'echo $SLURM_PROCID'];
    expect(lines(run(['-n3', ...number]).stdout)).toEqual(['0', '1', '2']);
    expect(lines(run(number, { SLURM_NTASKS: '2' }).stdout)).toEqual(['0', '1']);
  });

  it('ends with the worst exit code, and keeps words together', () => {
    expect(run(['-n', '3', 'sh', '-c', 'exit $SLURM_PROCID']).status).toBe(2);
    expect(run(['printf', '%s|', 'a b', '']).stdout).toBe('a b||');
  });

  it('writes where it is told', () => {
    run(['-o', 'out.txt', 'echo', 'into a file']);
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('into a file\n');
  });

  it.each([[[]], [['-n', 'two', 'true']], [['-n', '0', 'true']]])('refuses %j', (words) => {
    expect(run(words).status).toBe(1);
  });
});
