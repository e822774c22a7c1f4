import { expect, test } from 'vitest';
import { hours, millis, seconds } from '../../shared/base/units.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import { applyEvent } from '../../src-main/core/state/apply-event.ts';
import { untouched } from '../../src-main/core/state/touched.ts';
import { emptyLab } from '../../src-main/core/state/state.ts';
import { HandMadeMember } from './hand-made-member.ts';
import { plainSpec, SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';
import { inWords } from '../in-words.ts';

const day = 24 * hours(1);

function labAtWork(seed: number): SimulatedLab {
  const lab = new SimulatedLab(seed);
  lab.boot(2);
  lab.until('both are here', () => lab.statusOf(1) === 'ready' && lab.statusOf(2) === 'ready');
  return lab;
}

const names = (lab: SimulatedLab): string[] => lab.shell.jobs().map(({ id }) => id);
const rowsOf = (lab: SimulatedLab): string[] =>
  (['jobs', 'tasks'] as const).flatMap((table) =>
    [...lab.store.rows(table)].map((row) => `${table} ${(row as { id: string }).id}`),
  );

test('a job that is over is removed with its tasks and rows, and the next start knows nothing of it either', () => {
  const lab = labAtWork(31);
  const [first, second] = [lab.submit(3, seconds(1)), lab.submit(1, seconds(1))];
  lab.until('both are over', () => lab.isDone(first) && lab.isDone(second));
  expect(valueOf(lab.shell.removeJobs([first]))).toEqual({ ids: [first] });
  const holds = (): void => {
    expect(names(lab)).toEqual([second]);
    expect(rowsOf(lab)).toEqual([`jobs ${second}`, `tasks ${second}.0`]);
    expect(lab.shell.job(first)).toMatchObject({ error: { kind: 'not-found' } });
    expect(lab.shell.outputs(`${first}`)).toMatchObject({ error: { kind: 'not-found' } });
  };
  holds();
  lab.killHead();
  lab.startHead();
  holds();
  // Its number is not given again.
  expect(Number(lab.submit(1, seconds(1)))).toBe(Number(second) + 1);
  expect(lab.violations).toEqual([]);
});

test('what is not over, or awaited by what is not over, stays, and a person is told why: all that were named, or none', () => {
  const lab = labAtWork(32);
  const done = lab.submit(1, seconds(1));
  lab.until('it is over', () => lab.isDone(done));
  const running = lab.submit(1, seconds(60));
  lab.until('it runs', () => lab.job(running).value.counts.running === 1);
  expect(inWords(lab.shell.removeJobs([done, running]))).toMatchObject({
    error: { sentence: `job ${running} is not over; end it first: nightshift cancel ${running}` },
  });
  expect(names(lab)).toEqual([done, running]);
  const waits = lab.submit(1, seconds(1), { after: [running as never], afterOk: [done as never] });
  expect(inWords(lab.shell.removeJobs([done]))).toMatchObject({
    error: {
      sentence: `job ${waits} is to start after job ${done}, which stays until then; or cancel job ${waits} first.`,
    },
  });
  lab.until('it started and is over', () => lab.isDone(waits));
  valueOf(lab.shell.removeJobs([done]));
  // A job that started after one that has left is what it was, after a restart too, and others may follow it.
  lab.killHead();
  lab.startHead();
  expect(lab.job(waits).value.state).toBe('done');
  const follows = lab.submit(1, seconds(1), { afterOk: [waits as never] });
  lab.until('it ran', () => lab.isDone(follows));
});

test('its results are no longer held, unless another job left the very same', () => {
  const lab = new SimulatedLab(33);
  const member = new HandMadeMember(lab, 'pc-09').links();
  const hash = (letter: string) => blobHash(letter.repeat(64));
  const end = (log: string): string => {
    const job = lab.submit(1, seconds(1));
    lab.stored.set(hash(log), 5);
    member.lives(2000);
    const of = member.started();
    member.says({
      t: 'ended',
      ...of,
      ending: { cause: 'exit', exitCode: 0 },
      outputs: [],
      log: hash(log),
      cpuSeconds: 1,
    });
    member.lives(2000);
    expect(lab.isDone(job)).toBe(true);
    return job;
  };
  const [one, two] = [end('a'), end('a')];
  valueOf(lab.shell.removeJobs([one]));
  expect(lab.shell.referencedBlobs().has(hash('a'))).toBe(true);
  valueOf(lab.shell.removeJobs([two]));
  expect(lab.shell.referencedBlobs().has(hash('a'))).toBe(false);
});

test('the report of this night tells of a job that was removed as of any other', () => {
  const lab = labAtWork(34);
  lab.exitCodes = [3];
  const failed = lab.submit(1, seconds(1));
  lab.until('it failed', () => lab.job(failed).value.state === 'failed');
  const moved = lab.submit(1, seconds(30));
  lab.until('it runs', () => lab.job(moved).value.tasks[0]?.phase === 'running');
  const at = lab.job(moved).value.tasks[0]?.machine;
  valueOf(lab.shell.migrate(`${moved}.0`, at === 'pc-01' ? 'pc-02' : 'pc-01'));
  lab.until('it is done', () => lab.isDone(moved));
  const { until: _, ...before } = lab.shell.report();
  expect(before).toMatchObject({ failures: [{ task: `${failed}.0` }] });
  expect(before.moves).toHaveLength(1);
  valueOf(lab.shell.removeJobs([failed, moved]));
  const holds = (): void => expect(lab.shell.report()).toMatchObject(before);
  holds();
  lab.killHead();
  lab.startHead();
  holds();
});

test('jobs leave by themselves when they were kept long enough, ninety days if nobody says otherwise', () => {
  const lab = labAtWork(35);
  const old = lab.submit(2, seconds(1));
  lab.until('it is over', () => lab.isDone(old));
  expect(valueOf(lab.shell.keepFor(null))).toEqual({ keepFor: 90 * day });
  lab.advance(hours(4));
  expect(names(lab)).toEqual([old]);
  valueOf(lab.shell.keepFor(millis(hours(6))));
  lab.killHead();
  lab.startHead();
  expect(valueOf(lab.shell.keepFor(null))).toEqual({ keepFor: hours(6) });
  lab.advance(hours(1));
  expect(names(lab)).toEqual([old]);
  lab.advance(hours(2));
  expect(names(lab)).toEqual([]);
  expect(rowsOf(lab)).toEqual([]);
  const state = emptyLab();
  for (const { event, at } of lab.store.events(0)) applyEvent(state, event, at, untouched());
  expect([state.jobs.size, state.tasks.size, state.keepFor]).toEqual([0, 0, hours(6)]);
});

test.each(['running', 'starting'])(
  'a clock that is years ahead while the head is %s empties no lab: nothing leaves before it has gone on for an hour',
  (when) => {
    const lab = labAtWork(36);
    const job = lab.submit(1, seconds(1));
    lab.until('it is over', () => lab.isDone(job));
    lab.advance(hours(2));
    if (when === 'starting') lab.killHead();
    lab.clock.jumpWall(10 * 365 * day);
    if (when === 'starting') lab.startHead();
    lab.advance(hours(1) - 60_000);
    expect(names(lab)).toEqual([job]);
    // Somebody sets it right.
    lab.clock.jumpWall(-10 * 365 * day);
    lab.advance(hours(5));
    expect(names(lab)).toEqual([job]);
  },
);

test('what has been over for a day leaves the memory and is told as before, by the next head too, until the job is removed', () => {
  const lab = labAtWork(37);
  lab.exitCodes = [0, 3];
  const work = lab.submit(5, seconds(1));
  const cancelled = lab.submit(2, seconds(100));
  const log = blobHash('a'.repeat(64));
  lab.until('all but two are over', () => lab.job(work).value.finishedAt !== null);
  valueOf(lab.shell.cancelJob(cancelled));
  lab.until('all are over', () => lab.job(cancelled).value.finishedAt !== null);
  const told = (): unknown => [
    lab.shell.jobs(),
    [work, cancelled].map((job) => lab.job(job).value),
    valueOf(lab.shell.job(work, 3)).tasks,
    valueOf(lab.shell.outputs(work)).map(({ task, index }) => [task, index]),
  ];
  const before = told();
  const { until: _, ...report } = lab.shell.report();
  lab.advance(hours(26));
  const kinds = [...lab.store.events(0)].map(({ event }) => event.e);
  expect(kinds.filter((kind) => kind === 'job-archived')).toHaveLength(2);
  expect(told()).toEqual(before);
  expect(lab.shell.report().failures).toEqual(report.failures);
  lab.killHead();
  lab.startHead();
  expect(told()).toEqual(before);
  expect(lab.shell.referencedBlobs().has(log)).toBe(false);
  // What starts after an archived job is judged by how that one ended.
  expect(lab.shell.submit({ ...plainSpec, afterOk: [work as never] })).toMatchObject({
    error: { code: 'job-is-in-vain', facts: { because: 'failed' } },
  });
  valueOf(lab.shell.removeJobs([work]));
  expect([...lab.store.parts('tasks', work)]).toEqual([]);
});

test('results of an archived job stay on the disk until it is removed', () => {
  const lab = new SimulatedLab(38);
  const member = new HandMadeMember(lab, 'pc-09').links();
  const job = lab.submit(1, seconds(1));
  const log = blobHash('b'.repeat(64));
  lab.stored.set(log, 5);
  member.lives(2000);
  const ending = { cause: 'exit', exitCode: 0 } as const;
  member.says({ t: 'ended', ...member.started(), ending, outputs: [], log, cpuSeconds: 1 });
  member.lives(2000);
  expect(lab.isDone(job)).toBe(true);
  for (const restarted of [false, true]) {
    if (restarted) {
      lab.killHead();
      lab.startHead();
    } else lab.advance(hours(26));
    expect(lab.shell.referencedBlobs().has(log)).toBe(true);
  }
  valueOf(lab.shell.removeJobs([job]));
  expect(lab.shell.referencedBlobs().has(log)).toBe(false);
  expect([...lab.store.rows('refs')]).toEqual([]);
});
