import { taskWords } from '../../shared/words/task-words.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { blobHash, memberId, type BlobHash } from '../../shared/domain/ids.ts';
import { encodeResultLine } from '../../shared/wire/result-lines.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { AgentLab } from './agent-member.ts';

/**
 * What is sent first and spoken of later may be gone when it is spoken of. Of the kind: outputs and log of an end,
 * state and log of a checkpoint that goes on and of one that suspends, and the same said by a member that lies.
 */
const answer = { path: 'out/a.txt', hash: blobHash('a'.repeat(64)), size: 3, executable: false };
const large = { path: 'out/z.img', hash: blobHash('b'.repeat(64)), size: 900, executable: false };
const nowhere = blobHash('f'.repeat(64));

let lab: AgentLab;
beforeEach(async () => {
  lab = new AgentLab(1);
  lab.results = [answer, large];
  lab.boot(1);
  await lab.pass(3000);
});

const taskOf = (job: string) => lab.job(job).value.tasks[0]!;

describe('before a task is told as done the head has all that it left', () => {
  test('what was swept meanwhile is sent once more', async () => {
    const job = lab.submit(1, 4000, { outputs: ['out'] });
    lab.afterCollect = () => {
      if (lab.collects === 1) lab.stored.delete(answer.hash);
    };
    await lab.pass(8000);
    expect(taskOf(job)).toMatchObject({ state: 'done', outputs: [answer, large] });
    expect(lab.collects).toBe(2);
    expect([...lab.stored.keys()].sort()).toEqual([answer.hash, large.hash]);
  });

  test('half a file is none', async () => {
    const job = lab.submit(1, 4000, { outputs: ['out'] });
    lab.afterCollect = () => {
      if (lab.collects === 1) lab.stored.set(large.hash, 899);
    };
    await lab.pass(8000);
    expect(taskOf(job).state).toBe('done');
    expect(lab.stored.get(large.hash)).toBe(900);
  });

  test('a PC whose results never come is not asked for ever, and the task is not done', async () => {
    const job = lab.submit(1, 4000, { outputs: ['out'] });
    lab.afterCollect = () => lab.stored.delete(answer.hash);
    await lab.pass(8000);
    expect(lab.collects).toBe(4);
    expect(taskOf(job)).toMatchObject({ state: expect.not.stringMatching('done') as string });
    expect(taskWords(taskOf(job))).toMatch(
      /pc-01 said that it had sent all the results, but 1 file never came/,
    );
  });

  test('a cancelled task waits for nothing', async () => {
    const job = lab.submit(1, 4000, { outputs: ['out'] });
    lab.afterCollect = () => {
      lab.stored.delete(answer.hash);
      lab.shell.cancelJob(job);
    };
    await lab.pass(8000);
    expect(taskOf(job).state).toBe('cancelled');
    expect(lab.collects).toBe(1);
  });
});

describe('a checkpoint that is not on the head is none', () => {
  const says = (job: string, message: Partial<Extract<ToHead, { t: 'checkpointed' }>>): void =>
    lab.links.sendToHead(memberId('pc-01'), {
      t: 'checkpointed',
      task: taskOf(job).id,
      epoch: taskOf(job).attempt as never,
      suspended: false,
      hash: nowhere,
      size: 1000,
      takenAt: lab.clock.wall(),
      log: null,
      cpuSeconds: 1,
      freezeMs: 1,
      ...message,
    });
  const checkpoints = (): unknown[] =>
    [...lab.store.events(0)].filter(({ event }) => event.e === 'task-saved');

  test('it pushes no real one out, however often it is named', async () => {
    const job = lab.submit(1, 60_000);
    await lab.pass(2000);
    const real = blobHash('c'.repeat(64));
    lab.saved.set(real, 1000);
    says(job, { hash: real });
    await lab.pass(100);
    says(job, {});
    says(job, { hash: blobHash('e'.repeat(64)) });
    says(job, { hash: real, size: 999 });
    await lab.pass(100);
    expect(checkpoints()).toHaveLength(1);
    expect(lab.shell.referencedBlobs().has(real)).toBe(true);
    expect(taskOf(job).state).toBe('running');
  });

  test('without its log it still counts', async () => {
    const job = lab.submit(1, 60_000);
    await lab.pass(2000);
    const real = blobHash('c'.repeat(64));
    lab.saved.set(real, 1000);
    says(job, { hash: real, log: nowhere });
    await lab.pass(100);
    expect(checkpoints()).toMatchObject([{ event: { checkpoint: { hash: real, log: null } } }]);
  });

  test('a task that was suspended into nothing goes on from the one before', async () => {
    const job = lab.submit(1, 30_000);
    await lab.pass(2000);
    const real = blobHash('c'.repeat(64));
    lab.saved.set(real, 1000);
    says(job, { hash: real });
    await lab.pass(100);
    says(job, { suspended: true });
    await lab.pass(45_000);
    expect(taskOf(job)).toMatchObject({ state: 'done', restartsFromZero: 0 });
    expect(lab.violations).toEqual([]);
  });
});

test('what a live attempt has sent is kept until it is over, but no checkpoint longer than it is needed', async () => {
  const job = lab.submit(1, 20_000);
  await lab.pass(2000);
  const of = { task: taskOf(job).id, epoch: taskOf(job).attempt as never };
  const [log, first] = [blobHash('1'.repeat(64)), blobHash('2'.repeat(64))];
  lab.shell.holdBlob(memberId('pc-01'), of, log);
  lab.shell.holdBlob(memberId('pc-01'), of, first);
  lab.shell.holdBlob(memberId('pc-02'), of, nowhere); // not its task
  await lab.pass(10_000);
  const needed = (): boolean[] =>
    [log, first, nowhere].map((hash) => lab.shell.referencedBlobs().has(hash));
  expect(needed()).toEqual([true, true, false]);
  await lab.pass(30_000);
  expect(taskOf(job).state).toBe('done');
  expect(needed()).toEqual([false, false, false]);
});

/** Of the kind: what a message cannot hold, what cannot be understood, and what a person wants while it is sent. */
describe('results that are too many for a message', () => {
  const files = Array.from({ length: 72_000 }, (_, number) => ({
    ...answer,
    path: `out/${number}`,
    hash: blobHash(number.toString(16).padStart(64, '0')),
  }));
  const listOf = (text: string): { hash: BlobHash; size: number } => {
    const hash = blobHash('9'.repeat(64));
    lab.texts.set(hash, text);
    lab.stored.set(hash, text.length);
    return { hash, size: text.length };
  };

  test('stand in a list, and every one of them is looked up', async () => {
    lab.list = listOf(files.map(encodeResultLine).join(''));
    for (const { hash, size } of files) lab.stored.set(hash, size);
    const job = lab.submit(1, 2000, { outputs: ['out'] });
    await lab.pass(6000);
    expect(taskOf(job).state).toBe('done');
    const outputs = lab.shell.outputs(job);
    expect(outputs.ok && outputs.value[0]?.files.length).toBe(72_000);
    expect(lab.shell.referencedBlobs().has(files[71_999]!.hash)).toBe(true);
  });

  test('one that is not there is sent again', async () => {
    lab.list = listOf(files.slice(0, 10).map(encodeResultLine).join(''));
    for (const { hash, size } of files.slice(0, 9)) lab.stored.set(hash, size);
    lab.afterCollect = () => {
      if (lab.collects === 2) lab.stored.set(files[9]!.hash, 3);
    };
    const job = lab.submit(1, 2000, { outputs: ['out'] });
    await lab.pass(6000);
    expect([taskOf(job).state, lab.collects]).toEqual(['done', 2]);
  });

  test.each([
    ['a list that is none', '{"path":"../../etc/passwd"}\n'],
    ['a list that breaks off', encodeResultLine(files[0]!).slice(0, 20)],
  ])('%s, twice, ends the attempt as failed', async (_what, text) => {
    lab.list = listOf(text);
    const job = lab.submit(1, 2000, { outputs: ['out'] });
    await lab.pass(6000);
    expect(lab.collects).toBe(2);
    expect(taskOf(job)).toMatchObject({
      state: 'failed',
      reason: {
        code: 'end-not-understood',
        facts: { pc: 'pc-01', fault: expect.stringContaining('its list of results') as string },
      },
    });
    expect(lab.shell.machines()[0]?.tasks).toEqual([]);
  });
});
