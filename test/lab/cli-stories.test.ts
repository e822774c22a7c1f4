import { jobId } from '../../shared/domain/ids.ts';
import { byHand, saidReason } from '../../shared/domain/reasons.ts';
import { refuse } from '../../shared/base/result.ts';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TaskView } from '../../shared/api/views.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import { ran, spawned, type } from './command-line.ts';
import { ScriptedHead } from './scripted-head.ts';
import { jobOf, machineOf, reportOf, stillAt, taskOf } from './scripted-views.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const head = new ScriptedHead(join(folder, 'home'));
const { home } = head;
let here = '';

beforeAll(() => head.start());
afterAll(async () => {
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  here = mkdtempSync(join(folder, 'work-'));
  head.machines = [machineOf('pc-01'), machineOf('pc-02')];
  head.jobs = [];
  head.moves = [];
  head.diary = [];
  head.logs.clear();
  head.blobs.clear();
  head.puts.length = 0;
  head.submitted.length = 0;
  head.report = reportOf();
});
afterEach(() => {
  head.onCommand = () => undefined;
  head.diskFull = false;
});

const file = (path: string, text: string, mode = 0o644): string => {
  const full = join(here, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text, { mode });
  return full;
};
const finish = (id: string, change: Partial<TaskView>): void => {
  head.jobs = head.jobs.map((job) =>
    job.id === id
      ? jobOf(
          id,
          job.name,
          job.tasks.map((task) => ({
            ...task,
            state: 'done',
            phase: 'done',
            exitCode: 0,
            attempt: 1,
            finishedAt: stillAt,
            ...change,
          })),
          { state: 'done' },
        )
      : job,
  );
  head.changed();
};

describe('submitting', () => {
  it('sends each content once, and only what the head does not have', async () => {
    const scene = file('scene.blend', 'a scene');
    file('textures/wood.png', 'wood');
    file('textures/copy of wood.png', 'wood');
    symlinkSync(scene, join(here, 'textures', 'linked'));
    const words = [
      'submit',
      '--json',
      '--input',
      scene,
      '--input',
      `${join(here, 'textures')}:tex`,
      '--',
      'render',
      '{task}',
    ];

    expect(await ran(home, ...words)).toEqual({
      exitCode: 0,
      out: '{"id":"1","warnings":[]}\n',
      err: '',
    });
    expect(head.puts).toHaveLength(2);
    expect(head.submitted[0]).toMatchObject({
      name: 'render',
      owner: 'ada',
      command: ['render', '{task}'],
      array: null,
      inputs: [
        { path: 'scene.blend', size: 7, executable: false },
        { path: 'tex/copy of wood.png', size: 4 },
        { path: 'tex/linked', size: 7 },
        { path: 'tex/wood.png', size: 4 },
      ],
    });
    await ran(home, ...words);
    expect(head.puts).toHaveLength(2);
    expect(head.submitted).toHaveLength(2);
  });

  it('gives each task of an array its own input', async () => {
    for (const task of [3, 4]) file(`in/${task}.txt`, `input ${task}`);
    const ended = await ran(
      home,
      'submit',
      '--tasks',
      '3-4',
      '--input',
      `${join(here, 'in')}/{task}.txt:input.txt`,
      '--',
      'wc',
      'input.txt',
    );
    expect(ended).toEqual({
      exitCode: 0,
      out: 'Job 1 is submitted; see it with nightshift job 1.\n',
      err: '',
    });
    expect(head.submitted[0]?.inputs).toMatchObject([
      { path: 'input.txt', onlyTask: 3 },
      { path: 'input.txt', onlyTask: 4 },
    ]);
  });

  it('hands every option on', async () => {
    await ran(home, 'submit', '--', 'true');
    const options =
      '--name big --tasks 1-500%20 --cpus 4 --memory 1.5G --time 2h --retries 3 --output *.png --output log/*.txt --env A=b=c --env D= --pack blender --pin --portable --priority -5 --after 1 --after true --after-any 1 --hold --owner eve';
    await ran(home, 'submit', ...options.split(' '), '--', 'render', '--name', 'its own');
    expect(head.submitted[1]).toEqual({
      name: 'big',
      owner: 'eve',
      command: ['render', '--name', 'its own'],
      array: { first: 1, last: 500 },
      cpus: 4,
      memory: 1.5 * 1024 ** 3,
      wallTime: 7_200_000,
      retries: 3,
      inputs: [],
      outputs: ['*.png', 'log/*.txt'],
      environment: { A: 'b=c', D: '' },
      pack: 'blender',
      pin: true,
      portable: true,
      priority: -5,
      after: ['1'],
      afterOk: ['1', '1'],
      atOnce: 20,
      logName: null,
      hold: true,
    });
  });

  it('sends a script along, runs it by its interpreter, and lets options win over its directives', async () => {
    const path = file(
      'sweep.sh',
      '#!/bin/bash -e\n#SBATCH --job-name=sweep --array=1-9 -c 2\n#SBATCH --gres=gpu\necho $1\n',
      0o755,
    );
    const ended = await ran(home, 'submit', '--cpus', '3', path, '0.5', '--wait');
    expect(ended.exitCode).toBe(0);
    expect(ended.err).toBe(
      'nightshift: sweep.sh, line 3: "#SBATCH --gres=gpu" has no meaning here and is ignored.\n' +
        `nightshift: --wait stands behind the script and is given to it; options of nightshift go before ${path}.\n`,
    );
    expect(head.submitted[0]).toMatchObject({
      name: 'sweep',
      command: ['/bin/bash', '-e', 'sweep.sh', '0.5', '--wait'],
      array: { first: 1, last: 9 },
      cpus: 3,
      inputs: [{ path: 'sweep.sh', executable: true }],
    });
  });

  it('sends a script with Windows line ends as it was meant, and says so', async () => {
    const path = file('-run.sh', '#!/bin/sh\r\n#SBATCH -c 2\r\necho {task}\r\n');
    const ended = await ran(home, 'submit', '--', 'true');
    expect(ended.exitCode).toBe(0);
    const sent = await ran(home, 'submit', path, '{task}');
    expect(sent.err).toBe(
      'nightshift: -run.sh has Windows line ends, which its interpreter would stumble over; it is sent without.\n',
    );
    // A name that begins with - would be read as an option of the shell.
    expect(head.submitted[1]).toMatchObject({
      command: ['/bin/sh', './-run.sh', '{task}'],
      cpus: 2,
    });
    const [sentFile] = head.submitted[1]?.inputs ?? [];
    expect(head.blobs.get(String(sentFile?.hash))?.toString()).toBe(
      '#!/bin/sh\n#SBATCH -c 2\necho {task}\n',
    );
  });

  it('--wait ends when the job can never start', async () => {
    await ran(home, 'submit', '--', 'false');
    head.onCommand = (call) => {
      const job = head.jobs.at(-1);
      if (call !== 'jobs.submit' || job === undefined) return;
      head.jobs[head.jobs.length - 1] = {
        ...job,
        neverStarts: {
          code: 'never-starts',
          facts: { job: job.id, after: jobId('1'), ended: 'failed' },
        },
      };
    };
    expect(await ran(home, 'submit', '--wait', '--after', '1', '--', 'true')).toMatchObject({
      exitCode: 1,
      err: 'Job 2 is submitted.\nnightshift: job 2: it never starts: it was to start once job 1 is done, and that failed; take it away with nightshift cancel 2.\n',
    });
  });

  it('--wait blocks until the job is over, and fails with it', async () => {
    head.onCommand = (call) => call === 'jobs.submit' && finish('1', {});
    expect(await ran(home, 'submit', '--wait', '--', 'true')).toEqual({
      exitCode: 0,
      out: 'Job 1 is done: 1 done.\n',
      err: 'Job 1 is submitted.\n',
    });
    head.onCommand = (call) =>
      call === 'jobs.submit' &&
      finish('2', {
        state: 'failed',
        phase: 'failed',
        exitCode: 3,
        reason: { code: 'exited', facts: { code: 3 } },
      });
    const failed = await ran(home, 'submit', '--wait', '--json', '--', 'false');
    expect(failed.exitCode).toBe(1);
    expect(JSON.parse(failed.out)).toMatchObject({
      id: '2',
      tasks: [{ state: 'failed', exitCode: 3 }],
    });
  });

  it('says so when the head’s disk is full', async () => {
    head.diskFull = true;
    const ended = await ran(home, 'submit', '--input', file('a', 'a'), '--', 'true');
    expect(ended).toEqual({
      exitCode: 1,
      out: '',
      err: "nightshift: the head's disk is full; free some space there and submit again.\n",
    });
    expect(head.submitted).toEqual([]);
  });
});

describe('sessions of browsers', () => {
  it('are listed and ended', async () => {
    head.sessions = [
      {
        ...{ id: 'a1', door: 'local', from: '127.0.0.1', agent: 'Chromium' },
        ...{ since: stillAt, until: stillAt + 1 },
      },
      {
        ...{ id: 'b2', door: 'tls', from: '10.0.0.9', agent: 'Firefox' },
        ...{ since: stillAt, until: stillAt + 1 },
      },
    ];
    expect((await ran(home, 'sessions')).out).toMatchInlineSnapshot(`
      "SESSION  FROM          SINCE     BROWSER
      a1       this machine  just now  Chromium
      b2       10.0.0.9      just now  Firefox
      "
    `);
    expect((await ran(home, 'sessions', 'end', 'b2')).out).toContain('1 session ended');
    expect((await ran(home, 'sessions', 'end', 'b2')).exitCode).toBe(2);
    expect((await ran(home, 'sessions', 'end')).exitCode).toBe(2);
    expect(JSON.parse((await ran(home, 'sessions', 'end', '--all', '--json')).out)).toEqual({
      ended: ['a1'],
    });
  });
});

describe('running one program', () => {
  it('prints what it writes and ends with its exit code', async () => {
    head.onCommand = (call) => {
      if (call !== 'jobs.submit') return;
      head.logs.set('1.0', 'hello\n');
      finish('1', {
        state: 'failed',
        phase: 'failed',
        exitCode: 7,
        reason: { code: 'exited', facts: { code: 7 } },
      });
    };
    expect(await ran(home, 'run', '--', 'sh', '-c', 'echo hello; exit 7')).toEqual({
      exitCode: 7,
      out: 'hello\n',
      err: '',
    });
  });

  it('sends along what stands on standard input, and says so when nothing comes', async () => {
    head.onCommand = (call) => {
      if (call === 'jobs.submit') finish(String(head.jobs.length), {});
    };
    const given = file('given', 'hi\n');
    const withInput = {
      standardInput: async () => ({ ok: true, value: { path: given } }) as const,
    };
    expect((await type(home, ['run', '--', 'cat'], withInput).done).exitCode).toBe(0);
    expect(head.submitted[0]).toMatchObject({
      command: ['cat'],
      environment: { NIGHTSHIFT_STDIN: '.standard-input' },
      inputs: [{ path: '.standard-input', size: 3 }],
    });
    const silent = { standardInput: async () => ({ ok: true, value: 'silent' }) as const };
    expect((await type(home, ['run', '--', 'cat'], silent).done).err).toBe(
      'nightshift: nothing comes on standard input, so the program starts without; --stdin waits for its end.\n',
    );
    expect(head.submitted[1]).toMatchObject({ environment: {}, inputs: [] });
  });

  it('says why when there is no exit code', async () => {
    head.onCommand = (call) =>
      call === 'jobs.submit' &&
      finish('1', {
        state: 'failed',
        phase: 'failed',
        exitCode: null,
        reason: saidReason('there is no program "nonesuch" in pack base.'),
      });
    expect(await ran(home, 'run', '--', 'nonesuch')).toEqual({
      exitCode: 1,
      out: '',
      err: 'nightshift: job 1 failed: there is no program "nonesuch" in pack base\n',
    });
  });
});

describe('following a log', () => {
  it('goes on where it was when the head is killed and comes back', async () => {
    head.jobs = [
      jobOf('1', 'long', [
        taskOf('1', 0, { state: 'running', phase: 'running', machine: 'pc-01', attempt: 1 }),
      ]),
    ];
    head.logs.set('1.0', 'one\n');
    const typing = type(home, ['logs', 'long', '-f']);
    await expect.poll(typing.out).toBe('one\n');
    await head.kill();
    await expect.poll(typing.err).toContain('waiting for it to come back');
    head.logs.set('1.0', 'one\ntwo\n');
    await head.start();
    await expect.poll(typing.out).toBe('one\ntwo\n');
    head.logs.set('1.0', 'one\ntwo\nthree\n');
    finish('1', {});
    expect(await typing.done).toMatchObject({ exitCode: 0, out: 'one\ntwo\nthree\n' });
  });

  it('misses nothing of a program that had to begin again from zero, and says so', async () => {
    const running = (restartsFromZero: number): void => {
      head.jobs = [
        jobOf('1', 'long', [
          taskOf('1', 0, { state: 'running', phase: 'running', attempt: 1, restartsFromZero }),
        ]),
      ];
    };
    const again =
      'nightshift: the program of long had to begin again from zero, and so does its output.\n';
    running(0);
    head.logs.set('1.0', 'seed 17\nfirst\nsecond\n');
    const typing = type(home, ['logs', 'long', '-f']);
    await expect.poll(typing.out).toBe('seed 17\nfirst\nsecond\n');
    running(1);
    head.logs.set('1.0', 'seed 4\n');
    head.changed();
    await expect.poll(typing.out).toBe('seed 17\nfirst\nsecond\nseed 4\n');
    expect(typing.err()).toBe(again);

    // Once more, while the head is away.
    await head.kill();
    await expect.poll(typing.err).toContain('waiting for it to come back');
    running(2);
    head.logs.set('1.0', 'seed 99\n');
    await head.start();
    await expect.poll(typing.out).toBe('seed 17\nfirst\nsecond\nseed 4\nseed 99\n');
    finish('1', {});
    expect(await typing.done).toMatchObject({ exitCode: 0 });
    expect(typing.err().split(again)).toHaveLength(3);
  });

  it('ends quietly at Ctrl-C', async () => {
    head.jobs = [
      jobOf('1', 'long', [
        taskOf('1', 0, { state: 'running', phase: 'running', machine: 'pc-01', attempt: 1 }),
      ]),
    ];
    head.logs.set('1.0', 'one\n');
    const typing = type(home, ['logs', '1', '--follow', '--json']);
    await expect.poll(typing.out).toBe('{"text":"one\\n"}\n');
    typing.interrupt();
    expect(await typing.done).toEqual({ exitCode: 130, out: '{"text":"one\\n"}\n', err: '' });
  });

  it('of an array asks for one task', async () => {
    head.jobs = [jobOf('1', 'many', [taskOf('1', 1), taskOf('1', 2)])];
    expect(await ran(home, 'logs', '1', '-f')).toMatchObject({
      exitCode: 2,
      err: 'nightshift: job 1 has 2 tasks; name one, such as 1.1.\n',
    });
  });
});

describe('fetching', () => {
  const output = (path: string, text: string, executable = false): TaskView['outputs'][number] => ({
    path,
    hash: blobHash(head.putBlob(text)),
    size: text.length,
    executable,
  });

  it('puts the outputs of a single task straight into the folder, with what it wrote', async () => {
    head.logs.set('1.0', 'hello\n');
    head.jobs = [
      jobOf('1', 'one', [
        taskOf('1', 0, {
          state: 'done',
          finishedAt: stillAt,
          outputs: [output('a/b.txt', 'result'), output('tool', '#!', true)],
        }),
      ]),
    ];
    const into = join(here, 'new', 'results');
    expect(await ran(home, 'fetch', 'one', '-o', into, '--logs')).toEqual({
      exitCode: 0,
      out: `3 files (8 B) fetched into ${into}.\n`,
      err: '',
    });
    expect(readFileSync(join(into, 'a/b.txt'), 'utf8')).toBe('result');
    expect(readFileSync(join(into, 'task.log'), 'utf8')).toBe('hello\n');
    expect(statSync(join(into, 'tool')).mode & 0o777).toBe(0o755);
  });

  it('gives each task of an array a folder, and says what is not done yet', async () => {
    head.jobs = [
      jobOf('1', 'many', [
        taskOf('1', 1, { state: 'done', finishedAt: stillAt, outputs: [output('out', 'first')] }),
        taskOf('1', 2, { state: 'done', finishedAt: stillAt, outputs: [output('out', 'second')] }),
        taskOf('1', 3, { state: 'running' }),
        taskOf('1', 4, {
          state: 'failed',
          finishedAt: stillAt,
          reason: saidReason('it ran out of memory.'),
        }),
      ]),
    ];
    const ended = await ran(home, 'fetch', '1', '-o', here);
    expect(ended).toEqual({
      exitCode: 1,
      out: `2 files (11 B) fetched into ${here}.\n`,
      err: 'nightshift: task 1.3 is running.\nnightshift: task 1.4 is failed (it ran out of memory).\n',
    });
    expect(readFileSync(join(here, '2', 'out'), 'utf8')).toBe('second');
    const one = await ran(home, 'fetch', '1.1', '-o', join(here, 'one'), '--json');
    expect(one.exitCode).toBe(0);
    expect(JSON.parse(one.out)).toMatchObject({
      id: '1',
      files: [{ task: '1.1', path: '1/out', size: 5 }],
      missing: [],
    });
  });

  it('never overwrites somebody’s file unless told to, and takes what is there already for done', async () => {
    head.jobs = [
      jobOf('1', 'one', [
        taskOf('1', 0, {
          state: 'done',
          finishedAt: stillAt,
          outputs: [output('a', 'new'), output('b', 'b')],
        }),
      ]),
    ];
    file('a', 'precious');
    const refused = await ran(home, 'fetch', '1', '-o', here);
    expect(refused).toEqual({
      exitCode: 1,
      out: '',
      err: `nightshift: ${join(here, 'a')} is there already and differs; name another folder with -o, or overwrite with --force.\n`,
    });
    expect(readFileSync(join(here, 'a'), 'utf8')).toBe('precious');
    expect((await ran(home, 'fetch', '1', '-o', here, '--force')).exitCode).toBe(0);
    expect(readFileSync(join(here, 'a'), 'utf8')).toBe('new');
    expect((await ran(home, 'fetch', '1', '-o', here)).out).toBe(
      `0 files (0 B) fetched into ${here}, 2 were there already.\n`,
    );
  });

  it('refuses a file that arrives damaged and leaves nothing of it', async () => {
    const broken = output('a', 'right');
    head.blobs.set(broken.hash, Buffer.from('wrong'));
    head.jobs = [
      jobOf('1', 'one', [
        taskOf('1', 0, { state: 'done', finishedAt: stillAt, outputs: [broken] }),
      ]),
    ];
    const ended = await ran(home, 'fetch', '1', '-o', join(here, 'into'));
    expect(ended).toMatchObject({
      exitCode: 1,
      err: `nightshift: ${join(here, 'into', 'a')} arrived damaged; fetch it again.\n`,
    });
    expect(() => statSync(join(here, 'into', 'a'))).toThrow();
  });
});

describe('moving a task', () => {
  const running = (more: Partial<TaskView> = {}): TaskView =>
    taskOf('1', 0, { state: 'running', phase: 'running', machine: 'pc-01', attempt: 1, ...more });
  const move = {
    from: 'pc-01',
    to: 'pc-02',
    at: stillAt,
    because: byHand,
    bytes: 3_145_728,
    freezeMs: 380,
    totalMs: 1500,
  };

  it('blocks until it runs over there, through a restart of the head', async () => {
    head.jobs = [jobOf('1', 'long', [running()])];
    head.onCommand = (call) => {
      if (call === 'tasks.migrate')
        head.moves = [{ task: taskOf('1', 0).id, from: 'pc-01', to: 'pc-02', because: byHand }];
    };
    const typing = type(home, ['migrate', 'long', 'pc-02']);
    await expect.poll(() => head.moves.length).toBe(1);
    await head.kill();
    await expect.poll(typing.err).toContain('does not answer');
    await head.start();
    head.jobs = [
      jobOf('1', 'long', [running({ machine: 'pc-02', attempt: 2, migrations: [move] })]),
    ];
    head.moves = [];
    expect(await typing.done).toMatchObject({
      exitCode: 0,
      out: 'Task 1.0 runs on pc-02: frozen for 380 ms, 3 MiB moved in 1.5 s.\n',
    });
  });

  it('tells how long it took once the PC it left has said so, and never 0 ms', async () => {
    head.jobs = [jobOf('1', 'long', [running()])];
    const unmeasured = { ...move, bytes: 0, freezeMs: 0, totalMs: 0 };
    const there = (migration: typeof move) =>
      jobOf('1', 'long', [running({ machine: 'pc-02', attempt: 2, migrations: [migration] })]);
    head.onCommand = () => (head.jobs = [there(unmeasured)]);
    let looked = 0;
    const typing = type(home, ['migrate', 'long', 'pc-02'], {
      wait: async () => {
        looked += 1;
        if (looked === 2) head.jobs = [there(move)];
      },
    });
    expect(await typing.done).toMatchObject({
      exitCode: 0,
      out: 'Task 1.0 runs on pc-02: frozen for 380 ms, 3 MiB moved in 1.5 s.\n',
    });
    head.jobs = [jobOf('1', 'long', [running()])];
    expect(await type(home, ['migrate', 'long', 'pc-02'], { wait: async () => {} }).done).toEqual({
      exitCode: 0,
      out: 'Task 1.0 runs on pc-02; pc-01 has not said how long it took.\n',
      err: '',
    });
  });

  it('says where the task is when the move fails', async () => {
    head.jobs = [jobOf('1', 'long', [running()])];
    head.onCommand = () => {
      head.diary = [
        {
          seq: 1,
          at: stillAt,
          code: 'task-move-failed',
          facts: {
            ...{ task: taskOf('1', 0).id, pc: 'pc-02' },
            because: saidReason('its RAM is full'),
          },
          tone: 'bad',
        },
      ];
    };
    expect(await ran(home, 'migrate', '1.0', 'pc-02')).toEqual({
      exitCode: 1,
      out: '',
      err: 'nightshift: Task 1.0 did not move to pc-02 and goes on where it was: its RAM is full.\n',
    });
  });
});

describe('releasing', () => {
  it('tells of each PC when it has left, and what it cost', async () => {
    head.onCommand = (call) => {
      if (call === 'machines.release')
        head.machines = head.machines.map((machine) => ({ ...machine, state: 'draining' }));
    };
    const typing = type(home, ['release', '--all', '--json']);
    await expect.poll(() => head.machines[0]?.state).toBe('draining');
    head.machines = [
      machineOf('pc-01', { state: 'released' }),
      machineOf('pc-02', { state: 'draining' }),
    ];
    const seen = (): string => {
      head.changed();
      return typing.err();
    };
    await expect.poll(seen).toBe('pc-01  done after 0 ms\n');
    head.machines = head.machines.map((machine) => ({ ...machine, state: 'released' }));
    await expect.poll(seen).toContain('pc-02  done');
    const ended = await typing.done;
    expect(ended.exitCode).toBe(0);
    expect(JSON.parse(ended.out)).toEqual({
      machines: [
        { name: 'pc-01', state: 'released', leftAt: stillAt, seconds: 0 },
        { name: 'pc-02', state: 'released', leftAt: stillAt, seconds: 0 },
      ],
      minutesLost: 0,
    });
  });

  it('says once what to do when a task cannot be saved', async () => {
    const fault = { of: 'save', because: saidReason('the disk is full') } as const;
    const leaves = (tasksLeft: number) =>
      machineOf('pc-01', {
        state: 'draining',
        leaving: { purpose: 'release', when: 'checkpoint', tasksLeft, fault },
      });
    head.onCommand = (call) => call === 'machines.release' && (head.machines = [leaves(2)]);
    const typing = type(home, ['release', 'pc-01']);
    const saving = (tasks: string): string =>
      `pc-01  releasing: ${tasks} left; the last attempt to save one failed: the disk is full\n`;
    const seen = (): string => {
      head.changed();
      return typing.err();
    };
    await expect.poll(seen).toContain(saving('2 tasks'));
    head.machines = [leaves(1)];
    head.changed();
    head.machines = [machineOf('pc-01', { state: 'released' })];
    await expect.poll(seen).toContain('done');
    expect((await typing.done).err).toBe(
      `${saving('2 tasks')}pc-01  nightshift release --when task waits for it to end, --when now leaves at once.\npc-01  done after 0 ms\n`,
    );
  });

  it('fails when a PC goes without a word', async () => {
    head.onCommand = (call) => {
      if (call === 'machines.evacuate')
        head.machines = [machineOf('pc-01', { state: 'lost' }), machineOf('pc-02')];
    };
    expect(await ran(home, 'evacuate', 'pc-01', 'pc-02')).toEqual({
      exitCode: 1,
      out: '',
      err:
        'pc-01  lost: it went without a word; its tasks go on from their checkpoints.\npc-02  done after 0 ms\n' +
        'nightshift: pc-01 went without a word before everything was saved; nightshift jobs shows where the tasks are.\n',
    });
  });
});

describe('the practice lab', () => {
  it('is up when its PCs have enrolled', async () => {
    head.machines = [];
    head.onCommand = (call) => {
      if (call === 'practice.up')
        head.pcs = [{ name: 'pc-01', state: 'on', cut: false, screen: [] }];
    };
    const typing = type(home, ['practice', 'up', '--pcs', '1', '--memory', '1G']);
    await expect
      .poll(() => head.calls.at(-1))
      .toEqual({
        call: 'practice.up',
        input: { pcs: 1, cpus: 2, memory: 1024 ** 3, driver: 'container' },
      });
    head.machines = [machineOf('pc-01')];
    head.changed();
    expect(await typing.done).toEqual({
      exitCode: 0,
      out: '1 practice PC is on; see them with nightshift machines.\n',
      err: 'pc-01 has arrived.\n',
    });
  });

  it('tells once what keeps a PC out, however often that one asks', async () => {
    head.machines = [];
    const asks = (about: string, seconds: number): void => {
      const reason = `${about} is in the lab already, heard ${seconds} s ago.`;
      head.strangers = [
        { machineKey: 'k', address: '10.0.0.9', name: 'pc-01', reason, at: seconds * 1000 },
      ];
      head.changed();
    };
    head.onCommand = (call) => {
      if (call === 'practice.up')
        head.pcs = [{ name: 'pc-01', state: 'on', cut: false, screen: [] }];
    };
    const typing = type(home, ['practice', 'up', '--pcs', '1']);
    let about = 'pc';
    // What the first view shows was so before, and is not told.
    const seen = (): string => {
      asks((about += '-x'), 1);
      return typing.err();
    };
    await expect.poll(seen).toContain('was seen and not let in');
    asks(about, 2);
    await expect.poll(() => typing.err()).toContain(`${about} is in the lab already`);
    asks(about, 3);
    head.machines = [machineOf('pc-01')];
    head.changed();
    const { err } = await typing.done;
    expect(err.split(`${about} is in the lab already`)).toHaveLength(2);
    expect(err).toContain('pc-01 has arrived.');
    head.strangers = [];
  });

  it('down leaves a head that somebody else started', async () => {
    expect(await ran(home, 'practice', 'down', '--json')).toMatchObject({
      exitCode: 0,
      out: '{"pcs":1,"headStopped":false}\n',
    });
    expect(head.calls.at(-1)?.call).toBe('practice.down');
  });

  it('down ends the head that practice up started', async () => {
    head.onCommand = (call) => void (call === 'lab.shutdown' && head.stop());
    const { heads } = await worldOf();
    const ended = await type(home, ['practice', 'down'], {
      heads: { ...heads, startedBehind: async () => true },
    }).done;
    expect(ended).toMatchObject({
      exitCode: 0,
      out: `The practice lab is down, and its head has stopped; jobs and checkpoints are kept in ${home}.\n`,
    });
    await head.start();
  });
});

describe('a link that breaks', () => {
  it('in the middle of a command is told, and nothing is begun twice', async () => {
    head.onCommand = (call) => void (call === 'jobs.cancel' && head.kill());
    head.jobs = [jobOf('1', 'one', [taskOf('1', 0)])];
    const ended = await ran(home, 'cancel', '1');
    // Either the answer was through before, or it is said that it may not have been.
    if (ended.exitCode !== 0) expect(ended.err).toContain('the head went away before it answered');
    expect(head.calls.filter(({ call }) => call === 'jobs.cancel')).toHaveLength(1);
    await head.start();
  });

  it('by the reader of the answer ends the command quietly', async () => {
    head.logs.set('1.0', 'x'.repeat(1_000_000));
    head.jobs = [jobOf('1', 'one', [taskOf('1', 0, { state: 'done', finishedAt: stillAt })])];
    const ended = await spawned(home, ['logs', '1']);
    expect(ended).toMatchObject({ exitCode: 0, err: '' });
    expect(ended.out).toHaveLength(1_000_000);
  });
});

async function worldOf() {
  const { connectToHead } = await import('../../src-cli/platform/head-connection.ts');
  const { readHeadJson } = await import('../../src-cli/platform/head-directory.ts');
  return {
    heads: {
      home,
      connect: () => connectToHead(home),
      running: () => readHeadJson(home),
      lives: () => false,
      runHere: async () => 0,
      startBehind: async () => refuse('failed', ''),
      startedBehind: async () => false,
      keepHome: async () => ({ ok: true as const, value: null }),
    },
  };
}
