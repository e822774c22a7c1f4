import { afterEach, beforeEach, expect, test } from 'vitest';
import { countedRight, counting } from './practice/programs.ts';
import { RealLab } from './practice/real-lab.ts';

let lab: RealLab;
beforeEach(async () => {
  lab = await RealLab.open(2);
});
afterEach(async () => lab[Symbol.asyncDispose]());

test('the plug is pulled: the task goes on elsewhere from its last checkpoint', async () => {
  const job = await lab.submit(counting(700));
  const { machine } = await lab.until('it is saved', async () => {
    const task = await lab.task(job);
    return task.savedAt !== null && task;
  });
  await lab.api.practice.unplug({ pc: machine ?? '' });
  const moved = await lab.until('it resumed elsewhere', async () => {
    const task = await lab.task(job);
    return task.phase === 'running' && task.machine !== machine && task;
  });
  expect(moved.restartsFromZero).toBe(0);
  await lab.isOver(job);
  expect(countedRight(await lab.log(job), 700)).toBe(true);
  expect((await lab.api.lab.report()).minutesLost).toBeLessThan(1);
  await lab.api.practice.replug({ pc: machine ?? '' });
  await lab.until(
    'it rejoins by itself',
    async () => (await lab.machine(machine ?? '')).state === 'ready',
  );
});

test('a cable is cut for a moment: the task stands still and goes on, nothing is lost', async () => {
  const job = await lab.submit(counting(400));
  const { machine } = await lab.speaks(job, '\n5\n');
  await lab.api.practice.cut({ pc: machine ?? '' });
  await lab.until(
    'it is suspect',
    async () => (await lab.machine(machine ?? '')).state === 'suspect',
  );
  await lab.api.practice.heal({ pc: machine ?? '' });
  await lab.until(
    'it is heard again',
    async () => (await lab.machine(machine ?? '')).state === 'ready',
  );
  const [task] = (await lab.isOver(job)).tasks;
  expect(task).toMatchObject({ state: 'done', attempt: 1 });
  expect(countedRight(await lab.log(job), 400)).toBe(true);
});

test('a cable is cut for long: the task goes on elsewhere and the cut PC drops its frozen copy', async () => {
  const job = await lab.submit(counting(500));
  const { machine } = await lab.until('it is saved', async () => {
    const task = await lab.task(job);
    return task.savedAt !== null && task;
  });
  await lab.api.practice.cut({ pc: machine ?? '' });
  await lab.until('it runs elsewhere', async () => {
    const task = await lab.task(job);
    return task.phase === 'running' && task.machine !== machine;
  });
  await lab.api.practice.heal({ pc: machine ?? '' });
  await lab.until('the PC is back, empty', async () => {
    const back = await lab.machine(machine ?? '');
    return back.state === 'ready' && back.tasks.length === 0;
  });
  await lab.isOver(job);
  expect(countedRight(await lab.log(job), 500)).toBe(true);
});

test('the head is killed three times: running tasks never notice', async () => {
  const job = await lab.submit(counting(240), { array: { first: 1, last: 3 } });
  await lab.until('all run', async () =>
    (await lab.job(job)).tasks.every((task) => task.phase === 'running'),
  );
  for (let time = 0; time < 3; time += 1) {
    await lab.killHead();
    await lab.startHead();
    await lab.until('both PCs are back', async () =>
      (await lab.machines()).every((machine) => machine.state === 'ready'),
    );
  }
  const done = await lab.isOver(job);
  expect(done.tasks.map((task) => [task.state, task.attempt])).toEqual(
    Array.from({ length: 3 }, () => ['done', 1]),
  );
  for (let index = 1; index <= 3; index += 1)
    expect(countedRight(await lab.log(`${job}.${index}`), 240)).toBe(true);
});

test('release saves everything, the PCs go off, and the next night goes on where it was', async () => {
  const job = await lab.submit(counting(250), { array: { first: 1, last: 4 } });
  await lab.until('all run', async () =>
    (await lab.job(job)).tasks.every((task) => task.phase === 'running'),
  );
  await lab.api.machines.release({ machines: 'all', when: 'checkpoint' });
  await lab.until('all PCs are off', async () =>
    (await lab.api.practice.list()).every((pc) => pc.state === 'off'),
  );
  expect((await lab.machines()).map((machine) => machine.state)).toEqual(['released', 'released']);
  expect((await lab.job(job)).counts.suspended).toBe(4);
  expect((await lab.api.lab.report()).minutesLost).toBe(0);
  await lab.up(2);
  const done = await lab.isOver(job);
  expect(done.tasks.every((task) => task.state === 'done' && task.restartsFromZero === 0)).toBe(
    true,
  );
  for (let index = 1; index <= 4; index += 1)
    expect(countedRight(await lab.log(`${job}.${index}`), 250)).toBe(true);
});

test('a key is pressed: the PC is emptied and goes off, its task runs on elsewhere', async () => {
  const job = await lab.submit(counting(200));
  const { machine } = await lab.speaks(job, '\n5\n');
  await lab.api.practice.keypress({ pc: machine ?? '' });
  await lab.until('the PC is off', async () =>
    (await lab.api.practice.list()).some((pc) => pc.name === machine && pc.state === 'off'),
  );
  expect((await lab.machine(machine ?? '')).state).toBe('released');
  await lab.isOver(job);
  expect(countedRight(await lab.log(job), 200)).toBe(true);
});
