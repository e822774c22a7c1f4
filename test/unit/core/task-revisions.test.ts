import { expect, it } from 'vitest';
import { seconds } from '../../../shared/base/units.ts';
import { jobId, taskIdOf } from '../../../shared/domain/ids.ts';
import { TaskRevisions } from '../../../src-main/shells/task-revisions.ts';
import { SimulatedLab, valueOf } from '../../../src-sim/simulated-lab.ts';

const task = (index: number) => taskIdOf(jobId('1'), index);

it('knows what changed since an answer', () => {
  const revisions = new TaskRevisions('head');
  const before = revisions.current;
  revisions.note([task(1)]);
  const between = revisions.current;
  revisions.note([task(2)]);
  expect([1, 2, 3].filter((index) => revisions.since(before)?.has(task(index)))).toEqual([1, 2]);
  expect([1, 2, 3].filter((index) => revisions.since(between)?.has(task(index)))).toEqual([2]);
  expect([1, 2, 3].filter((index) => revisions.since(revisions.current)?.has(task(index)))).toEqual(
    [],
  );
});

it.each([null, '', 'other.0.1', 'head.0.7', 'head.0.x', 'head.1.0'])(
  'knows nothing of what it never said: %s',
  (revision) => expect(new TaskRevisions('head').since(revision)).toBeNull(),
);

it('knows nothing of what it said before the lab was read back', () => {
  const revisions = new TaskRevisions('head');
  const before = revisions.current;
  revisions.forget();
  expect(revisions.since(before)).toBeNull();
});

it('whoever looks again at a job of a thousand tasks gets what runs and what changed, and has the whole truth', () => {
  const lab = new SimulatedLab(7);
  lab.boot(3);
  lab.until('ready', () => lab.statusOf(3) === 'ready');
  const job = lab.submit(1000, seconds(5));
  const first = valueOf(lab.shell.jobChanges(job, null));
  expect(first).toMatchObject({ whole: true, job: { tasks: { length: 1000 } } });
  let { revision } = first;
  const known = new Map(first.job.tasks.map((one) => [one.id, one]));
  for (let looks = 0; looks < 20; looks += 1) {
    lab.advance(seconds(1));
    const next = valueOf(lab.shell.jobChanges(job, revision));
    ({ revision } = next);
    expect(next.whole).toBe(false);
    expect(next.job.tasks.length).toBeLessThan(40);
    for (const one of next.job.tasks) known.set(one.id, one);
    const all = valueOf(lab.shell.job(job)).tasks;
    // How many are ahead of a waiting task is the one thing that may be older.
    expect([...known.values()].map((one) => ({ ...one, ahead: null }))).toEqual(
      all.map((one) => ({ ...one, ahead: null })),
    );
  }
  expect(lab.shell.job(job, 17)).toMatchObject({ value: { tasks: [{ index: 17 }] } });
});
