import { diaryWords } from '../../shared/words/diary-words.ts';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chainOfHashes, countedRight, counting, holding } from './practice/programs.ts';
import { RealLab } from './practice/real-lab.ts';

let lab: RealLab;
beforeAll(async () => {
  lab = await RealLab.open(3);
});
afterAll(async () => lab[Symbol.asyncDispose]());

/** Moves the only task of a job to another PC and waits until it is there. */
async function move(job: string): Promise<void> {
  const before = await lab.task(job);
  const others = (await lab.machines()).filter(
    (machine) => machine.state === 'ready' && machine.name !== before.machine,
  );
  const target = others[before.migrations.length % others.length]?.name ?? '';
  await lab.api.tasks.migrate({ task: `${job}.0`, machine: target });
  await lab.until(`job ${job} is on ${target}`, async () => {
    const task = await lab.task(job);
    return (
      task.machine === target &&
      task.phase === 'running' &&
      (task.migrations.at(-1)?.totalMs ?? 0) > 0 &&
      task
    );
  });
}

function flipOneBit(path: string, at: number): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}

const answerOf = (steps: number): string => {
  let state = Buffer.from('nightshift');
  for (let step = 0; step < steps; step += 1) state = createHash('sha256').update(state).digest();
  return state.toString('hex');
};

test('a shell loop moves while it counts and misses no number', async () => {
  const job = await lab.submit(counting(120));
  await lab.speaks(job, '\n5\n');
  await move(job);
  expect((await lab.isOver(job)).state).toBe('done');
  expect(countedRight(await lab.log(job), 120)).toBe(true);
});

test('twenty moves in a row leave a Python program with the right answer', async () => {
  const steps = 1500;
  const job = await lab.submit(chainOfHashes(steps, 0.02));
  await lab.speaks(job, 'step 20');
  for (let number = 0; number < 20; number += 1) await move(job);
  const [task] = (await lab.isOver(job)).tasks;
  expect(task?.state).toBe('done');
  expect(task?.migrations.length).toBe(20);
  const log = await lab.log(job);
  expect(log).toContain(`answer ${answerOf(steps)}`);
  expect(log.match(/begin/g)).toHaveLength(1);
});

test('a task moves while every processor of both PCs is busy', async () => {
  const load = await lab.submit(['awk', 'BEGIN { for (;;) i++ }'], {
    array: { first: 1, last: 5 },
  });
  const job = await lab.submit(holding(64, 20), { priority: 10 });
  await lab.speaks(job, 'holding');
  await move(job);
  await move(job);
  await lab.isOver(job);
  expect(await lab.log(job)).toBe('holding\nsame\n');
  await lab.api.jobs.cancel({ job: load });
  await lab.isOver(load);
});

test('a pipeline with files, pipes and children moves as a whole', async () => {
  const job = await lab.submit([
    'sh',
    '-c',
    'mkdir d; seq 1 200000 >d/numbers; (for i in 1 2 3 4 5 6; do cat d/numbers; sleep 0.4; done) | tee copy | xz -9 | xz -d | sha256sum; sha256sum <copy',
  ]);
  await lab.until('it runs', async () => (await lab.task(job)).phase === 'running');
  await move(job);
  await lab.isOver(job);
  const [a, b] = (await lab.log(job)).trim().split('\n');
  expect(a).toMatch(/^[0-9a-f]{64}/);
  expect(a).toBe(b);
});

test('a checkpoint with one flipped bit is not restored: the task goes on from the older one', async () => {
  const job = await lab.submit(holding(16, 8));
  await lab.speaks(job, 'holding');
  const hold = async (): Promise<void> => {
    await lab.api.jobs.hold({ job });
    await lab.until('it is saved', async () => (await lab.job(job)).counts.suspended === 1);
  };
  await hold();
  await lab.api.jobs.resume({ job });
  await lab.until('it runs', async () => (await lab.task(job)).phase === 'running');
  await hold();
  const newest = lab
    .blobFiles()
    .filter(({ size }) => size > 16 << 20)
    .at(-1);
  if (!newest) throw new Error('there is no checkpoint on the disk');
  flipOneBit(newest.path, newest.size >> 1);
  await lab.api.jobs.resume({ job });
  const done = await lab.isOver(job);
  expect(done.tasks[0]).toMatchObject({ state: 'done', restartsFromZero: 0 });
  expect(await lab.log(job)).toBe('holding\nsame\n');
  expect((await lab.machines()).every((machine) => !machine.cordoned)).toBe(true);
  const { diary } = await lab.api.lab.view();
  expect(diary.map(diaryWords)).toContain(
    `A checkpoint of task ${job}.0 cannot be restored and is dropped: its bytes on the head's disk are damaged.`,
  );
});

test('a move to a PC whose cable is cut fails, and the task runs on where it was', async () => {
  const job = await lab.submit(counting(200));
  const { machine } = await lab.speaks(job, '\n5\n');
  const target = machine === 'pc-03' ? 'pc-02' : 'pc-03';
  await lab.api.practice.cut({ pc: target });
  await lab.api.tasks.migrate({ task: `${job}.0`, machine: target });
  // The program may well have finished by the time the PC counts as lost: two waits, not one moment with both.
  await lab.until('the move is begun', async () => {
    const { diary } = await lab.api.lab.view();
    return diary.some(
      ({ code, facts }) =>
        code === 'task-move-begun' && facts.task === `${job}.0` && facts.pc === target,
    );
  });
  await lab.until('the move is given up', async () => {
    const { phase } = await lab.task(job);
    return phase === 'running' || phase === 'done';
  });
  await lab.until('the PC is lost', async () => (await lab.machine(target)).state === 'lost');
  await lab.api.practice.heal({ pc: target });
  const done = await lab.isOver(job);
  expect(done.tasks[0]).toMatchObject({ state: 'done', migrations: [], restartsFromZero: 0 });
  expect(countedRight(await lab.log(job), 200)).toBe(true);
  await lab.until('the PC is back', async () => (await lab.machine(target)).state === 'ready');
});
