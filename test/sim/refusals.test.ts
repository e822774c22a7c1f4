import { whyItWaits } from '../../shared/words/task-words.ts';
import { describe, expect, test } from 'vitest';
import { gibibytes, seconds } from '../../shared/base/units.ts';
import { blobHash, jobId } from '../../shared/domain/ids.ts';
import type { JobSpec } from '../../shared/domain/job.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { plainSpec, SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';
import { inWords } from '../in-words.ts';

function labWith(pcs: number): SimulatedLab {
  const lab = new SimulatedLab(42);
  lab.boot(pcs);
  lab.until(
    'ready',
    () => lab.shell.machines().filter((machine) => machine.state === 'ready').length === pcs,
  );
  return lab;
}

const input = (path: string) => ({
  path,
  hash: blobHash('a'.repeat(64)),
  size: 1,
  executable: false,
});

describe('a job that cannot be is refused in one sentence, and nothing is queued', () => {
  const table: readonly [string, Partial<JobSpec>, string, string][] = [
    [
      'more processors than any PC has',
      { resources: { cpus: 8, memory: null, wallTime: null } },
      'refused',
      'no PC of this lab fits: it asks for 8 processors and pc-01 has 2.',
    ],
    [
      'more memory than any PC has',
      { resources: { cpus: 1, memory: gibibytes(64), wallTime: null } },
      'refused',
      'no PC of this lab fits: it asks for 64 GiB of memory and pc-01 has 4 GiB.',
    ],
    [
      'a pack nobody has',
      { pack: 'matlab' },
      'refused',
      'no PC of this lab fits: there is no software pack "matlab", the lab has base.',
    ],
    [
      'a range that runs backwards',
      { array: { first: 5, last: 2 } },
      'misuse',
      'the range 5-2 ends before it begins.',
    ],
    [
      'an array without end',
      { array: { first: 0, last: 5_000_000 } },
      'misuse',
      'a job array has at most 100000 tasks; 0-5000000 has 5000001.',
    ],
    ['no command', { command: [''] }, 'misuse', 'the job has no command.'],
    [
      'a predecessor that does not exist',
      { after: [jobId('99')] },
      'not-found',
      'there is no job 99 to wait for.',
    ],
    [
      'two inputs of one name',
      { inputs: [input('a'), input('a')] },
      'misuse',
      'two inputs have the same name "a" in the task\'s directory.',
    ],
  ];
  test.each(table)('%s', (_what, wish, code, sentence) => {
    const lab = labWith(1);
    lab.stored.set('a'.repeat(64), 1);
    expect(inWords(lab.shell.submit({ ...plainSpec, ...wish }))).toEqual({
      ok: false,
      error: { kind: code, sentence },
    });
    expect(lab.shell.jobs()).toEqual([]);
  });
});

describe('a move that cannot be is refused, and the task runs on', () => {
  test.each([
    [
      'to a PC that does not exist',
      '1',
      'pc-77',
      'there is no machine "pc-77"; nightshift machines lists them.',
    ],
    [
      'of a task that does not exist',
      '8.1',
      'pc-02',
      'there is no task "8.1"; nightshift jobs lists the jobs.',
    ],
  ])('%s', (_what, task, machine, sentence) => {
    const lab = labWith(2);
    const job = lab.submit(1, seconds(60));
    lab.until('runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
    const here = lab.job(job).value.tasks[0]?.machine ?? '';
    const result = lab.shell.migrate(task, machine.replace('HERE', here));
    expect(result.ok ? '' : refusalWords(result.error)).toBe(sentence.replace('HERE', here));
    lab.until('done', () => lab.isDone(job));
    expect(lab.job(job).value.tasks[0]?.attempt).toBe(1);
  });

  test('to a cordoned PC, or of a pinned task', () => {
    const lab = labWith(2);
    const free = lab.submit(1, seconds(60));
    const pinned = lab.submit(1, seconds(60), { pin: true });
    lab.until('both run', () =>
      [free, pinned].every((job) => lab.job(job).value.tasks[0]?.phase === 'running'),
    );
    const elsewhere = (job: string): string =>
      lab.job(job).value.tasks[0]?.machine === 'pc-01' ? 'pc-02' : 'pc-01';
    const moved = lab.shell.migrate(pinned, elsewhere(pinned));
    expect(moved.ok ? '' : refusalWords(moved.error)).toBe(
      'task 2.0 is pinned (--pin) and never moves.',
    );
    valueOf(lab.shell.cordon([elsewhere(free)]));
    const cordoned = lab.shell.migrate(free, elsewhere(free));
    expect(cordoned.ok ? '' : refusalWords(cordoned.error)).toBe(
      `${elsewhere(free)} takes no tasks: it is cordoned.`,
    );
  });
});

describe('what is asked of several PCs is done to all or to none', () => {
  test.each(['evacuate', 'release'] as const)('%s, with one of them lost', (command) => {
    const lab = labWith(2);
    lab.pc(2).unplug();
    const stateOf = (name: string) => lab.shell.machines().find((pc) => pc.name === name)?.state;
    lab.until('pc-02 is lost', () => stateOf('pc-02') === 'lost');
    const both = ['pc-01', 'pc-02'];
    const refused =
      command === 'evacuate' ? lab.shell.evacuate(both) : lab.shell.release(both, 'now', false);
    expect(refused.ok ? '' : refusalWords(refused.error)).toBe(
      'pc-02 is not in the lab (it is lost).',
    );
    expect(stateOf('pc-01')).toBe('ready');
  });
});

describe('a waiting task says why it waits', () => {
  const whyOf = (lab: SimulatedLab, job: string): string | null =>
    whyItWaits(lab.job(job).value.tasks[0]!);

  test('no PC has enrolled', () => {
    const lab = new SimulatedLab(1);
    const job = lab.submit(1, 1000);
    expect(whyOf(lab, job)).toBe('no PC has enrolled yet');
  });

  test('all slots are taken, and how many go before it', () => {
    const lab = labWith(1);
    lab.submit(2, seconds(60));
    lab.submit(1, seconds(60));
    const job = lab.submit(1, seconds(60));
    expect(whyOf(lab, job)).toBe('all 2 slots are taken; 1 task is ahead');
  });

  test('it starts after another job', () => {
    const lab = labWith(1);
    const first = lab.submit(1, seconds(20));
    const second = lab.submit(1, seconds(1), { after: [jobId(first)] });
    expect(whyOf(lab, second)).toBe(`it starts after job ${first}`);
    lab.until('both are done', () => lab.isDone(second));
    expect(lab.isDone(first)).toBe(true);
  });

  test('it needs the success of another job, which it gets', () => {
    const lab = labWith(1);
    const first = lab.submit(1, seconds(20));
    const second = lab.submit(1, seconds(1), { afterOk: [jobId(first)] });
    expect(whyOf(lab, second)).toBe(`it starts after job ${first}`);
    lab.until('both are done', () => lab.isDone(second));
    expect(lab.isDone(first)).toBe(true);
  });

  test('its job runs so many of its tasks at a time, and so many run', () => {
    const lab = labWith(2);
    const job = lab.submit(6, seconds(20), { atOnce: 2 });
    const running = (): number => lab.job(job).value.counts.running;
    lab.until('two run', () => running() === 2);
    expect(whyItWaits(lab.job(job).value.tasks.at(-1)!)).toBe(
      'the job has at most 2 of its tasks running at a time, and so many are',
    );
    let most = 0;
    lab.until('all are done', () => {
      most = Math.max(most, running());
      return lab.isDone(job);
    });
    expect(most).toBe(2);
  });

  // The kind: a job before it that failed, was cancelled, had failed before the submit, or waits in vain itself.
  test('it needs the success of another job, which failed: it never starts, and what only waited for the end does', () => {
    const lab = labWith(1);
    lab.exitCodes = [3];
    const first = lab.submit(1, seconds(5));
    const needsIt = lab.submit(1, seconds(1), { afterOk: [jobId(first)] });
    const needsThat = lab.submit(1, seconds(1), { afterOk: [jobId(needsIt)] });
    const waits = lab.submit(1, seconds(1), { after: [jobId(first)] });
    lab.until('what waited for its end is done', () => lab.isDone(waits));
    expect(whyOf(lab, needsIt)).toBe(
      `it never starts: it was to start once job ${first} is done, and that failed; take it away with nightshift cancel ${needsIt}`,
    );
    expect(whyOf(lab, needsThat)).toContain(`job ${needsIt} is done, and that never starts itself`);
    valueOf(lab.shell.cancelJob(needsIt));
    expect(whyOf(lab, needsThat)).toContain(`job ${needsIt} is done, and that was cancelled`);
  });

  // The kind: a job that failed, was cancelled, is being cancelled, has one failed task, or waits in vain itself.
  test('what needs the success of a job that can have none is refused at once, and says what may be waited for', () => {
    const lab = labWith(2);
    lab.exitCodes = [3];
    const failed = lab.submit(1, seconds(1));
    const vain = lab.submit(1, seconds(1), { afterOk: [jobId(failed)] });
    lab.until('it failed', () => lab.job(failed).value.state === 'failed');
    const half = lab.submit(2, seconds(60));
    lab.until('both run', () => lab.job(half).value.counts.running === 2);
    valueOf(lab.shell.cancelJob(half));
    const over = lab.submit(1, seconds(1));
    valueOf(lab.shell.cancelJob(over));
    const asked = (wish: Partial<JobSpec>) =>
      lab.shell.submit({ ...plainSpec, array: null, ...wish });
    const jobs = lab.shell.jobs().length;
    for (const [job, how] of [
      [failed, 'has failed'],
      [vain, 'never starts itself'],
      [half, 'was cancelled'],
      [over, 'was cancelled'],
    ] as const) {
      const refused = asked({ afterOk: [jobId(job)] });
      expect(refused).toMatchObject({
        ok: false,
        error: { kind: 'refused', code: 'job-is-in-vain' },
      });
      expect(inWords(refused)).toMatchObject({
        error: {
          sentence: `job ${job} ${how}, so what waits for its success would never start; wait for another job, or only for its end, however it ends: --after-any ${job}`,
        },
      });
    }
    expect(lab.shell.jobs()).toHaveLength(jobs);
    expect(asked({ after: [jobId(failed), jobId(half)] }).ok).toBe(true);
  });

  test('no PC takes tasks', () => {
    const lab = labWith(2);
    valueOf(lab.shell.cordon('all'));
    const job = lab.submit(1, 1000);
    expect(whyOf(lab, job)).toBe('no PC takes tasks at the moment (2 cordoned)');
  });

  test('its pinned home is away', () => {
    const lab = labWith(2);
    const job = lab.submit(1, seconds(120), { pin: true });
    lab.until('runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
    const home = lab.job(job).value.tasks[0]?.machine ?? '';
    valueOf(lab.shell.release([home], 'checkpoint'));
    lab.until('suspended', () => lab.job(job).value.counts.suspended === 1);
    expect(whyOf(lab, job)).toContain(`it is pinned to ${home}`);
  });
});

test('a task that fails is tried again as often as it may, elsewhere first', () => {
  const lab = labWith(2);
  lab.exitCodes = [3, 3, 0];
  const job = lab.submit(1, seconds(2), { retries: 2 });
  lab.until('done', () => lab.isDone(job));
  expect(lab.job(job).value.tasks[0]).toMatchObject({
    state: 'done',
    attempt: 3,
    restartsFromZero: 2,
  });
});

test('a task that has used up its tries is failed and says how it ended', () => {
  const lab = labWith(2);
  lab.exitCodes = [3, 3];
  const job = lab.submit(1, seconds(2), { retries: 1 });
  lab.until('failed', () => lab.job(job).value.state === 'failed');
  expect(lab.job(job).value.tasks[0]).toMatchObject({
    exitCode: 3,
    reason: { code: 'exited', facts: { code: 3 } },
  });
});
