import { expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

function labOf(pcs: number): SimulatedLab {
  const lab = new SimulatedLab(pcs);
  lab.boot(pcs);
  const ready = () => lab.shell.machines().filter(({ state }) => state === 'ready').length;
  lab.until('all are here', () => ready() === pcs);
  return lab;
}

const whereIs = (lab: SimulatedLab, job: string): string | null =>
  lab.job(job).value.tasks[0]?.machine ?? null;

test('the report names each loss: task, PC, time and minutes, and says the same after a restart', () => {
  const lab = labOf(2);
  const job = lab.submit(1, seconds(600));
  lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
  const home = whereIs(lab, job) ?? '';
  lab.advance(seconds(3));
  lab
    .members()
    .find(({ id }) => id === home)
    ?.unplug();
  lab.until('it is lost', () => lab.shell.report().losses.length === 1);
  const at = lab.clock.wall();
  const { losses, minutesLost } = lab.shell.report();
  expect(losses).toEqual([
    {
      task: `${job}.0`,
      machine: home,
      at: expect.any(Number) as number,
      minutes: minutesLost,
      reason: { code: 'pc-lost', facts: { pc: home } },
    },
  ]);
  expect(losses[0]?.minutes).toBeGreaterThan(0);
  expect(at - (losses[0]?.at ?? 0)).toBeLessThan(seconds(2));
  lab.killHead();
  lab.startHead();
  expect(lab.shell.report().losses).toEqual(losses);
});

test('a PC that is released at once costs what its tasks had not saved, PC by PC', () => {
  const lab = labOf(2);
  const job = lab.submit(4, seconds(600));
  lab.until('all run', () => lab.job(job).value.tasks.every(({ phase }) => phase === 'running'));
  lab.advance(seconds(3));
  const on = lab.shell.machines().find(({ name }) => name === 'pc-01')?.tasks ?? [];
  valueOf(lab.shell.release(['pc-01'], 'now'));
  lab.until('it is gone', () => lab.statusOf(1) === 'released');
  const { losses, minutesLost } = lab.shell.report();
  expect(losses.map(({ task, machine }) => `${task} on ${machine}`).sort()).toEqual(
    on.map((task) => `${task} on pc-01`).sort(),
  );
  expect(losses.reduce((sum, { minutes }) => sum + minutes, 0)).toBeCloseTo(minutesLost, 1);
});

test('a night without losses names none', () => {
  const lab = labOf(1);
  const job = lab.submit(1, seconds(2));
  lab.until('it is done', () => lab.isDone(job));
  expect(lab.shell.report().losses).toEqual([]);
});

test('a move that has ended is told for a while as one; a loss, and what is saved and goes on elsewhere, never', () => {
  const lab = labOf(2);
  const job = lab.submit(1, seconds(600));
  lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
  const home = whereIs(lab, job) ?? '';
  const other = home === 'pc-01' ? 'pc-02' : 'pc-01';
  valueOf(lab.shell.migrate(`${job}.0`, other));
  lab.until('it has moved', () => whereIs(lab, job) === other);
  const arrived = lab.shell.view().arrived;
  expect(arrived).toEqual([
    { task: `${job}.0`, from: home, to: other, at: expect.any(Number) as number },
  ]);
  lab.advance(seconds(15));
  expect(lab.shell.view().arrived).toEqual([]);

  lab
    .members()
    .find(({ id }) => id === other)
    ?.unplug();
  lab.until('it goes on elsewhere', () => {
    expect(lab.shell.view().arrived).toEqual([]);
    return whereIs(lab, job) === home;
  });
  expect(lab.shell.view().arrived).toEqual([]);

  lab
    .members()
    .find(({ id }) => id === other)
    ?.boot();
  lab.until('it is back', () => lab.shell.machines().every(({ state }) => state === 'ready'));
  valueOf(lab.shell.holdJob(job));
  lab.until('it is saved', () => whereIs(lab, job) === null);
  valueOf(lab.shell.cordon([home]));
  valueOf(lab.shell.resumeJob(job));
  lab.until('it was resumed elsewhere', () => whereIs(lab, job) === other);
  expect(lab.shell.view().arrived).toEqual([]);
});
