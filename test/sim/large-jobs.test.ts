import { expect, test } from 'vitest';
import type { JobDetail } from '../../shared/api/views.ts';
import { wholeJob, type WholeJob } from '../../shared/api/whole-job.ts';
import { seconds } from '../../shared/base/units.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

/** What is large costs what has happened of it, not what it is: counted here, timed by `npm run bench -- head`. */
const many = 100_000;

function labOf(pcs: number, seed: number): SimulatedLab {
  const lab = new SimulatedLab(seed);
  lab.boot(pcs);
  lab.until('ready', () => lab.statusOf(pcs) === 'ready');
  return lab;
}

const whole = (lab: SimulatedLab, job: string): Promise<WholeJob> =>
  wholeJob(lab.job(job).value, (from) => Promise.resolve(valueOf(lab.shell.job(job, null, from))));

const rowsOf = (lab: SimulatedLab): number => [...lab.store.rows('tasks')].length;

test('a job of 100,000 is one record until its tasks start, held, let go and cancelled by a word, before and after a restart', async () => {
  const lab = labOf(1, 1);
  const job = lab.submit(many, seconds(20));
  lab.advance(seconds(2));
  expect(rowsOf(lab)).toBe(2);
  const asked = lab.job(job).value;
  expect(asked.tasks.length).toBeLessThan(100);
  expect(asked.alike).toMatchObject({ first: 3, last: many, like: { ahead: 0 } });
  const { tasks } = await whole(lab, job);
  expect(tasks).toHaveLength(many);
  expect(tasks.at(-1)).toMatchObject({
    id: `${job}.${many}`,
    state: 'queued',
    waitingBecause: { code: 'no-slot-free', facts: { slots: 2, passedOver: [] } },
    ahead: many - 3,
  });

  const before = lab.store.lastSeq();
  valueOf(lab.shell.holdJob(job));
  valueOf(lab.shell.resumeJob(job));
  valueOf(lab.shell.cancelJob(job));
  expect(lab.store.lastSeq() - before).toBeLessThan(10);
  lab.advance(seconds(10));
  for (const moment of ['now', 'restarted']) {
    const over = await whole(lab, job);
    expect(over.state, moment).toBe('cancelled');
    expect(over.counts).toMatchObject({ queued: 0, cancelled: many });
    expect(new Set(over.tasks.map(({ state }) => state))).toEqual(new Set(['cancelled']));
    expect(over.tasks[77]?.finishedAt).not.toBeNull();
    expect(valueOf(lab.shell.outputs(job)).length).toBeLessThan(3);
    lab.killHead();
    lab.startHead();
  }
  expect(rowsOf(lab)).toBe(2);
});

test('a job that is half done is told in parts, each task in one of them, and the same to who asks for one task', async () => {
  const lab = labOf(4, 2);
  const job = lab.submit(1500, 50);
  lab.until('half of it is done', () => lab.job(job).value.counts.done > 700);
  const { tasks, counts } = await whole(lab, job);
  expect(tasks.map(({ index }) => index)).toEqual(Array.from({ length: 1500 }, (_, at) => at + 1));
  for (const [state, count] of Object.entries(counts))
    expect(tasks.filter((task) => task.state === state)).toHaveLength(count);
  for (const task of [tasks[0], tasks[749], tasks[1499]])
    expect(valueOf(lab.shell.job(job, task?.index)).tasks).toEqual([task]);
  let parts = 0;
  for (let from: number | undefined = 0; from !== undefined; parts += 1) {
    const part: JobDetail = valueOf(lab.shell.job(job, null, from));
    expect(part.tasks.length).toBeLessThanOrEqual(250);
    from = part.next;
  }
  expect(parts).toBeGreaterThan(2);
});

test('a lab with many free slots is filled a little at a time, and all of it without anybody saying more', () => {
  const lab = labOf(200, 3);
  const before = lab.store.lastSeq();
  lab.submit(many, seconds(60));
  const atOnce = [...lab.store.events(before)].length;
  expect(atOnce).toBeLessThanOrEqual(101);
  lab.advance(1);
  lab.until('full', () => lab.shell.machines().every(({ slotsUsed }) => slotsUsed === 2), 500);
});

test('a job that is cancelled while it runs on hundreds of PCs is over in the end', () => {
  const lab = labOf(150, 4);
  const job = lab.submit(many, seconds(600));
  lab.until('full', () => lab.job(job).value.counts.running === 300);
  valueOf(lab.shell.cancelJob(job));
  lab.until('cancelled', () => lab.job(job).value.state === 'cancelled', 60_000);
  expect(lab.job(job).value.counts).toMatchObject({ cancelled: many });
});
