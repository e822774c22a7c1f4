import { taskWords } from '../../shared/words/task-words.ts';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mebibytes, seconds } from '../../shared/base/units.ts';
import type { InputFile } from '../../shared/domain/job.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import { counting, countedRight } from './practice/programs.ts';
import { RealLab } from './practice/real-lab.ts';

let lab: RealLab;
const folder = mkdtempSync(join(tmpdir(), 'nightshift-jobs-'));
beforeAll(async () => {
  lab = await RealLab.open(1);
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function input(path: string, text: string): Promise<InputFile> {
  const file = join(folder, 'input');
  writeFileSync(file, text);
  const hash = createHash('sha256').update(text).digest('hex');
  await lab.blobs.put(file, hash, Buffer.byteLength(text));
  return { path, hash: blobHash(hash), size: Buffer.byteLength(text), executable: false };
}

test('inputs stand in the directory of the task, outputs come back by their hash', async () => {
  const job = await lab.submit(
    [
      'sh',
      '-c',
      'mkdir -p out/deep; sort names.txt >out/sorted; wc -l <deep/names.txt >out/deep/count; rm names.txt',
    ],
    {
      inputs: [
        await input('names.txt', 'grace\nada\n'),
        await input('deep/names.txt', 'one\ntwo\nthree\n'),
      ],
      outputs: ['out/**'],
    },
  );
  expect((await lab.isOver(job)).state).toBe('done');
  const [task] = await lab.api.jobs.outputs({ job });
  expect(task?.files.map((file) => file.path).sort()).toEqual(['out/deep/count', 'out/sorted']);
  const sorted = task?.files.find((file) => file.path === 'out/sorted');
  const to = join(folder, 'sorted');
  await lab.blobs.save(sorted?.hash ?? '', to, null);
  expect(readFileSync(to, 'utf8')).toBe('ada\ngrace\n');
});

test('an array knows its index in the command and in the environment', async () => {
  const job = await lab.submit(['sh', '-c', 'echo {task} $NIGHTSHIFT_TASK $SLURM_ARRAY_TASK_ID'], {
    array: { first: 7, last: 9 },
  });
  await lab.isOver(job);
  expect(await Promise.all([7, 8, 9].map((index) => lab.log(`${job}.${index}`)))).toEqual([
    '7 7 7\n',
    '8 8 8\n',
    '9 9 9\n',
  ]);
});

describe('a program that does not end well says so in one sentence', () => {
  test.each([
    [
      'an exit code',
      ['sh', '-c', 'echo oops; exit 3'],
      {},
      3,
      /^the program ended with exit code 3$/,
    ],
    ['a signal', ['sh', '-c', 'kill -SEGV $$'], {}, 139, /^the program was ended by signal 11$/],
    [
      'no such command',
      ['frobnicate', '--fast'],
      {},
      null,
      /no command "frobnicate" in the software pack/,
    ],
    [
      'an output pattern that matches nothing',
      ['true'],
      { outputs: ['frames/*.png'] },
      0,
      /frames\/\*\.png/,
    ],
    [
      'more memory than it may have',
      ['python3', '-c', 'x = bytearray(400 << 20); import time; time.sleep(20)'],
      { memory: mebibytes(100) },
      null,
      /memory limit of 100 MiB/,
    ],
    ['more time than it may have', ['sleep', '60'], { wallTime: seconds(2) }, null, /time/],
  ] as const)('%s', async (_what, command, more, exitCode, reason) => {
    const job = await lab.submit(command, more as never);
    const [task] = (await lab.isOver(job)).tasks;
    expect(task).toMatchObject({ state: 'failed', exitCode });
    expect(taskWords(task!)).toMatch(reason);
  });
});

test('a failing task is tried again, and its output is the last try', async () => {
  const job = await lab.submit(['sh', '-c', 'echo try; exit 1'], { retries: 2 });
  const [task] = (await lab.isOver(job)).tasks;
  expect(task).toMatchObject({ state: 'failed', attempt: 3, exitCode: 1 });
  expect(await lab.log(job)).toBe('try\n');
});

test('cancel ends a running program and everything it started', async () => {
  const job = await lab.submit(['sh', '-c', 'sleep 1000 & sleep 1000 & wait'], {
    array: { first: 1, last: 4 },
  });
  await lab.until(
    'two run',
    async () => (await lab.job(job)).tasks.filter((task) => task.phase === 'running').length === 2,
  );
  await lab.api.jobs.cancel({ job });
  expect((await lab.isOver(job)).counts.cancelled).toBe(4);
  expect((await lab.machines())[0]?.tasks).toEqual([]);
});

test('hold saves a running program and takes it off; resume lets it go on', async () => {
  const job = await lab.submit(counting(80));
  await lab.speaks(job, '\n5\n');
  await lab.api.jobs.hold({ job });
  const held = await lab.until('it is suspended', async () => {
    const task = await lab.task(job);
    return task.state === 'suspended' && task;
  });
  expect(held.waitingBecause?.code).toBe('job-held');
  expect(await lab.log(job)).toContain('\n5\n');
  await lab.api.jobs.resume({ job });
  await lab.isOver(job);
  expect(countedRight(await lab.log(job), 80)).toBe(true);
});

test('a program sees no network, no devices, no other task, and may not become root', async () => {
  const job = await lab.submit([
    'sh',
    '-c',
    'id -u; cat /proc/self/status | grep CapEff; grep -o "^ *[a-z0-9]*:" /proc/net/dev | tr -d " \\n"; echo; grep -c . /proc/net/route; ls /sys/class/net 2>/dev/null | tr "\\n" " "; ps ax 2>/dev/null | wc -l; ls /proc | grep -c "^[0-9]"; mknod d b 8 0 2>&1 | grep -c -i permi',
  ]);
  await lab.isOver(job);
  const [uid, capabilities, cards, routes] = (await lab.log(job)).split('\n');
  expect(uid).not.toBe('0');
  expect(capabilities).toBe('CapEff:\t0000000000000000');
  // Its own loopback, and of the table of routes no more than the heading.
  expect(cards).toBe('lo:');
  expect(['0', '1']).toContain(routes);
});

test('logs follow a running program to its end', async () => {
  const job = await lab.submit(counting(40));
  let text = '';
  for await (const piece of await lab.api.jobs.logs({ task: job, follow: true }))
    text += piece.text;
  expect(countedRight(text, 40)).toBe(true);
});
