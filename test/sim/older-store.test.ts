import { machineWords } from '../../shared/words/machine-words.ts';
import { expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';

/** The head's machine is set back while members are at work; tried with what a member may hold that the log does not know. */
function labSetBack(before: (lab: SimulatedLab) => void, after: (lab: SimulatedLab) => void) {
  const lab = new SimulatedLab(7);
  lab.boot(2);
  lab.until('both are here', () => lab.statusOf(1) === 'ready' && lab.statusOf(2) === 'ready');
  before(lab);
  const setBack = lab.store.snapshot();
  after(lab);
  const newest = lab.store.snapshot();
  lab.killHead();
  setBack();
  lab.startHead();
  return { lab, newest };
}

/** On their PCs, and not only on their way there. */
const allRun = (lab: SimulatedLab, job: string) => (): boolean =>
  lab.job(job).value.tasks.every(({ phase }) => phase === 'running');

const noteOf = (lab: SimulatedLab, number: number): string =>
  lab.shell
    .machines()
    .filter(({ id }) => id === lab.pc(number).id)
    .map((machine) => machineWords(machine) ?? '')
    .join();

test('a job the older store has never heard of is not discarded: its PC is kept out, frozen, until the newer home is back', () => {
  let job = '';
  const { lab, newest } = labSetBack(
    () => undefined,
    (night) => {
      job = night.submit(2, seconds(60), { resources: { cpus: 2, memory: null, wallTime: null } });
      night.until('both tasks run', allRun(night, job));
    },
  );
  lab.advance(seconds(60));
  expect(noteOf(lab, 1)).toContain(
    `it holds task ${job}.1 in an attempt that this head's store does not know: the store is an older copy.`,
  );
  expect(lab.shell.jobs()).toEqual([]);
  // A person puts the newer home back: nothing of the work is lost.
  lab.killHead();
  newest();
  lab.startHead();
  lab.until('the job is done', () => lab.isDone(job));
  expect(lab.job(job).value.tasks.map(({ restartsFromZero }) => restartsFromZero)).toEqual([0, 0]);
  expect(noteOf(lab, 1)).toBe('');
  expect(lab.violations).toEqual([]);
});

test('a newer attempt of a task that the older store knows is not discarded either', () => {
  let job = '';
  const { lab } = labSetBack(
    (night) => {
      job = night.submit(1, seconds(60), { resources: { cpus: 2, memory: null, wallTime: null } });
    },
    (night) => {
      night.until('it runs', allRun(night, job));
      const [task] = night.job(job).value.tasks;
      const other = task?.machine === 'pc-01' ? 'pc-02' : 'pc-01';
      night.shell.migrate(`${job}.0`, other);
      night.until('it moved', () => night.job(job).value.tasks[0]?.machine === other);
    },
  );
  lab.advance(seconds(5));
  // For the length of a lease it may run twice: a head that was set back cannot know what it has forgotten until it is told.
  expect([noteOf(lab, 1), noteOf(lab, 2)].join()).toContain('the store is an older copy');
});

test('a PC that was started anew holds nothing, and the older store goes on without what it held', () => {
  let job = '';
  const { lab } = labSetBack(
    (night) => {
      job = night.submit(1, seconds(5));
    },
    (night) => {
      const unknown = night.submit(1, seconds(60));
      night.until('both run', () => allRun(night, job)() && allRun(night, unknown)());
    },
  );
  for (const pc of lab.members()) pc.unplug();
  lab.advance(seconds(1));
  for (const pc of lab.members()) pc.boot();
  lab.until('the job it knows is done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
});
