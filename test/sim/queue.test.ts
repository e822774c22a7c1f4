import { whyItWaits } from '../../shared/words/task-words.ts';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { allTasksOf } from '../../shared/api/whole-job.ts';
import { seconds } from '../../shared/base/units.ts';
import { jobId, taskIdOf, type TaskId } from '../../shared/domain/ids.ts';
import type { LabEvent } from '../../src-main/core/state/events.ts';
import { factsOf, plainSpec, SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

/** A lab of one PC with two slots, both taken for a while. */
function busyLab(seed: number): SimulatedLab {
  const lab = new SimulatedLab(seed);
  lab.boot(1);
  lab.until('ready', () => lab.statusOf(1) === 'ready');
  lab.submit(2, seconds(30), { priority: 1000 });
  return lab;
}

const why = (lab: SimulatedLab, job: string): string | null =>
  whyItWaits(lab.job(job).value.tasks[0]!);

/** How many each waiting task is told are ahead of it. */
function told(lab: SimulatedLab, jobs: readonly string[]): Map<TaskId, number> {
  const ahead = new Map<TaskId, number>();
  for (const job of jobs)
    for (const { id, waitingBecause, ahead: count } of allTasksOf(lab.job(job).value))
      if (waitingBecause?.code === 'no-slot-free') ahead.set(id, count ?? 0);
  return ahead;
}

const placedIn = (lab: SimulatedLab, from: number): TaskId[] =>
  [...lab.store.events(from)].flatMap(({ event }: { event: LabEvent }) =>
    event.e === 'task-placed' ? [event.task] : [],
  );

test('who came later with a higher priority is told that nobody is ahead, and the others that it is', () => {
  const lab = busyLab(1);
  const patient = lab.submit(20, seconds(1));
  const urgent = lab.submit(1, seconds(1), { priority: 10 });
  expect(why(lab, urgent)).toBe('all 2 slots are taken');
  expect(why(lab, patient)).toBe('all 2 slots are taken; 1 task is ahead');
});

test('what cannot start is ahead of nobody: held jobs, those after others, and those that no PC here fits', () => {
  const lab = busyLab(2);
  const first = { priority: 5 };
  const held = valueOf(lab.shell.submit({ ...plainSpec, ...first }, true)).id;
  const before = lab.submit(3, seconds(1));
  lab.submit(7, seconds(1), { ...first, after: [jobId(before)] });
  // There is a PC for it, but it is not here tonight.
  valueOf(lab.shell.enrol({ ...factsOf('pc-09'), processors: 8 }, 'pc-09'));
  lab.submit(4, seconds(1), { ...first, resources: { ...plainSpec.resources, cpus: 8 } });
  const last = lab.submit(1, seconds(1), { priority: -1 });
  expect(why(lab, held)).toContain('held');
  expect(told(lab, [last]).get(taskIdOf(jobId(last), 0))).toBe(3);
  valueOf(lab.shell.resumeJob(held));
  expect(told(lab, [last]).get(taskIdOf(jobId(last), 0))).toBe(4);
});

it('places tasks in the very order of which they were told, whatever waits', () => {
  const wish = fc.record({
    tasks: fc.integer({ min: 1, max: 6 }),
    priority: fc.integer({ min: -1, max: 1 }),
    trouble: fc.constantFrom('none', 'held', 'after', 'saved'),
  });
  fc.assert(
    fc.property(fc.nat(), fc.array(wish, { minLength: 1, maxLength: 6 }), (seed, wishes) => {
      const lab = new SimulatedLab(seed);
      lab.boot(1);
      lab.until('ready', () => lab.statusOf(1) === 'ready');
      const jobs: string[] = [];
      for (const { tasks, priority, trouble } of wishes) {
        const last = jobs.at(-1);
        const after = trouble === 'after' && last !== undefined ? [jobId(last)] : [];
        const job = lab.submit(tasks, seconds(2), { priority, after });
        jobs.push(job);
        if (trouble === 'saved') {
          // It has run for a moment, and waits as suspended.
          lab.advance(seconds(1));
          valueOf(lab.shell.holdJob(job));
          lab.advance(seconds(1));
          valueOf(lab.shell.resumeJob(job));
        }
        if (trouble === 'held' && !lab.isDone(job)) valueOf(lab.shell.holdJob(job));
      }
      lab.advance(seconds(1));
      const said = told(lab, jobs);
      const order = [...said].sort((a, b) => a[1] - b[1]).map(([task]) => task);
      expect([...said.values()].sort((a, b) => a - b)).toEqual(order.map((_, at) => at));
      const from = lab.store.lastSeq();
      lab.advance(seconds(60));
      expect(placedIn(lab, from).filter((task) => said.has(task))).toEqual(order);
      lab.shell.stop();
    }),
    { numRuns: 60 },
  );
}, 60_000);
