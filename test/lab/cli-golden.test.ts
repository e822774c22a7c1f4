import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ran, spawned } from './command-line.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import { evening, ServedHead } from '../served-head.ts';

// The report is written in the clock of its reader.
process.env['TZ'] = 'UTC';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
let head: ServedHead;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => head.stop());
const open = async (scene: keyof typeof scenes): Promise<void> => {
  head = new ServedHead(mkdtempSync(join(folder, 'home-')), scenes[scene](evening));
  await head.start();
};

const golden = async (...words: string[]): Promise<string> => {
  const { exitCode, out, err } = await ran(head, ...words);
  return `${out}${err === '' ? '' : `--- stderr\n${err}`}=== ${exitCode}`;
};

describe('what a person reads', () => {
  beforeEach(() => open('mishaps'));

  it('machines are a table with their seats and notes', async () => {
    expect(await golden('machines')).toMatchInlineSnapshot(`
      "MACHINE  SEAT    STATE            SLOTS  LOAD       MEMORY FREE  SPEED  FAMILY          TASKS  NOTE
      pc-01    12/1/4  ready              4/4  4.00  7.3 GiB of 8 GiB   1000  x86-64-v1/byup  3.2
      pc-02    -       ready, cordoned    0/4  0.00  7.6 GiB of 8 GiB   1000  x86-64-v1/byup  -      it came back 1 minute after it was given back: take out its boot medium, or look at its boot order
      pc-03    -       lost               0/4  4.00  7.3 GiB of 8 GiB   1000  x86-64-v1/byup  -      it vanished and did not come back; it was given up at 22:28
      === 0"
    `);
  });

  it('machines that were seen and not let in are told with the reason', async () => {
    await head.stop();
    await open('empty');
    const reason = 'its token has expired';
    head.lab.shell.seen({ machineKey: 'k', address: '10.0.0.9', name: null, reason });
    expect(await golden('machines')).toMatchInlineSnapshot(`
      "No PC has enrolled yet; start some with the lab’s boot medium, or try nightshift practice up.
      Seen, not enrolled: 10.0.0.9 (its token has expired)
      === 0"
    `);
  });

  it('a second head of this lab is told wherever one looks at the machines', async () => {
    await head.stop();
    await open('empty');
    head.lab.otherHead = '10.0.0.2:7411';
    const told = await ran(head, 'machines', '--json');
    expect(told).toEqual({
      exitCode: 0,
      out: '[]\n',
      err: 'nightshift: Another head of this lab answers at 10.0.0.2:7411; stop one of the two, since a PC obeys whichever it finds first.\n',
    });
  });

  it('jobs are a table', async () => {
    expect(await golden('jobs')).toMatchInlineSnapshot(`
      "JOB  NAME    OWNER  STATE    TASKS  THESE ARE                         SUBMITTED
        2  sweep   ada    done       1/1  1 done                            12 min ago
        3  render  ada    running    0/3  1 running, 1 suspended, 1 failed  11 min ago
      === 0"
    `);
  });

  it('no jobs are said to be none', async () => {
    await head.stop();
    await open('small');
    expect(await golden('jobs')).toMatchInlineSnapshot(`
      "No jobs yet; submit one with nightshift submit -- COMMAND.
      === 0"
    `);
  });

  it('a job shows its tasks, why they wait or failed, and its moves', async () => {
    expect(await golden('job', 'render')).toMatchInlineSnapshot(`
      "Job 3  render  running
      Command    render scene.blend {task}
      Owner      ada
      Submitted  11 min ago
      Needs      4 processors, 1 GiB of memory, pack base
      Tasks      3 tasks: 1 running, 1 suspended, 1 failed

      TASK  STATE      MACHINE  ATTEMPT          RAN          CPU  EXIT  WHY
       3.1  suspended  pc-03          3   9 min 38 s       37 min     -  all 4 slots are taken (before: pc-03 was lost)
       3.2  running    pc-01          2  11 min 29 s  45 min 41 s     -
       3.3  failed     pc-03          1       997 ms       800 ms     3  the program ended with exit code 3

      MOVED  FROM   TO     WHEN        FROZEN  IN ALL     SIZE  BECAUSE
        3.1  pc-01  pc-02  11 min ago   3.6 s   3.6 s  256 MiB  asked for by hand
        3.1  pc-02  pc-03  11 min ago   3.1 s   3.1 s  256 MiB  pc-02 is being evacuated
        3.2  pc-02  pc-01  11 min ago   2.6 s   2.6 s  256 MiB  pc-02 is being evacuated
      === 0"
    `);
  });

  it('a job shows one task when that is named', async () => {
    expect(await golden('job', '3.2')).toMatchInlineSnapshot(`
      "Job 3  render  running
      Command    render scene.blend {task}
      Owner      ada
      Submitted  11 min ago
      Needs      4 processors, 1 GiB of memory, pack base
      Tasks      3 tasks: 1 running, 1 suspended, 1 failed

      TASK  STATE    MACHINE  ATTEMPT          RAN          CPU  EXIT  WHY
       3.2  running  pc-01          2  11 min 29 s  45 min 41 s     -

      MOVED  FROM   TO     WHEN        FROZEN  IN ALL     SIZE  BECAUSE
        3.2  pc-02  pc-01  11 min ago   2.6 s   2.6 s  256 MiB  pc-02 is being evacuated
      === 0"
    `);
  });

  it('top shows the lab once where nobody looks', async () => {
    expect(await golden('top')).toMatchInlineSnapshot(`
      "Room 12  night 2  2 PCs, 4 of 8 slots in use, 1 open job

      MACHINE  SEAT    STATE            SLOTS  LOAD       MEMORY FREE  SPEED  FAMILY          TASKS  NOTE
      pc-01    12/1/4  ready              4/4  4.00  7.3 GiB of 8 GiB   1000  x86-64-v1/byup  3.2
      pc-02    -       ready, cordoned    0/4  0.00  7.6 GiB of 8 GiB   1000  x86-64-v1/byup  -      it came back 1 minute after it was given back: take out its boot medium, or look at its boot order
      pc-03    -       lost               0/4  4.00  7.3 GiB of 8 GiB   1000  x86-64-v1/byup  -      it vanished and did not come back; it was given up at 22:28

      JOB  NAME    OWNER  STATE    TASKS  THESE ARE                         SUBMITTED
        3  render  ada    running    0/3  1 running, 1 suspended, 1 failed  11 min ago
        2  sweep   ada    done       1/1  1 done                            12 min ago

      pc-02 has left.
      pc-02 came back 1 minute after it was given back and is cordoned: take out its boot medium, or look at its boot order.
      pc-03 has gone quiet.
      pc-03 is lost.
      Task 3.1 lost 16 s of work: pc-03 was lost.
      === 0"
    `);
  });

  it('the report tells what the night came to', async () => {
    expect(await golden('report')).toMatchInlineSnapshot(`
      "Night 2 of Room 12
      From         2026-11-21 22:18 to 2026-11-21 22:30
      Tasks        1 done, 1 failed, 1 saved for the next night
      Work         0.00 core-hours
      Moves        3, frozen for 3.6 s at the most
      Checkpoints  62
      PCs          1 given back, 0 known to have left
      Lost         0.3 minutes

      MOVED  FROM   TO     FROZEN  IN ALL     SIZE  BECAUSE
        3.1  pc-01  pc-02   3.6 s   3.6 s  256 MiB  asked for by hand
        3.1  pc-02  pc-03   3.1 s   3.1 s  256 MiB  pc-02 is being evacuated
        3.2  pc-02  pc-01   2.6 s   2.6 s  256 MiB  pc-02 is being evacuated

      LOST  ON     AT                MINUTES  BECAUSE
       3.1  pc-03  2026-11-21 22:28      0.3  pc-03 was lost

      MACHINE  STATE  RETURNED  NOTE
      pc-01    ready  -
      pc-02    ready  -         it came back 1 minute after it was given back: take out its boot medium, or look at its boot order
      pc-03    lost   -         it vanished and did not come back; it was given up at 22:28

      Task 3.3 failed: the program ended with exit code 3
      === 0"
    `);
  });

  it('the report of another night is asked for by its number', async () => {
    expect(await head.passing(golden('report', '--night', '1'))).toMatchInlineSnapshot(`
      "Night 1 of Room 12
      From         2026-11-20 21:30 to 2026-11-20 21:30
      Tasks        2 done, 0 failed
      Work         0.00 core-hours
      Moves        0
      Checkpoints  0
      PCs          1 given back, and known to have left
      Lost         0 minutes

      MACHINE  STATE     RETURNED          NOTE
      pc-01    released  2026-11-20 21:30
      === 0"
    `);
    expect(await golden('report', '--night', '9')).toBe(
      '--- stderr\nnightshift: there is no night 9; the newest is night 2.\n=== 2',
    );
  });

  it('software packs, practice PCs and findings are tables', async () => {
    expect(await golden('software', 'list')).toMatchInlineSnapshot(`
      "PACK  VERSION     SIZE  DESCRIPTION
      base  13.1     210 MiB  Debian trixie with python3, perl, gcc and xz
      === 0"
    `);
    expect(await golden('practice', 'list')).toMatchInlineSnapshot(`
      "PC     POWER      NETWORK  SCREEN
      pc-01  on         ok       Press any key to take this PC back.
      pc-02  on         ok       Press any key to take this PC back.
      pc-03  unplugged  ok
      === 0"
    `);
    expect(await golden('doctor')).toMatchInlineSnapshot(`
      "    CHECK       FOUND
      ok  mmdebstrap  1.3.5
      !!  qemu        not installed
      qemu: apt-get install qemu-system-x86
      === 1"
    `);
  });

  it.each([
    ['cordon pc-01 pc-02', 'pc-01 and pc-02 will take no new tasks; what runs there goes on.'],
    ['uncordon pc-01', 'pc-01 may take tasks again.'],
    [
      'evacuate pc-02 --no-wait',
      'pc-02 is being emptied.\nIt is cordoned now and takes no new tasks until you say nightshift uncordon pc-02.',
    ],
    [
      'release pc-01 --no-wait',
      'pc-01 will leave as soon as its tasks are saved; no work is lost.',
    ],
    [
      'release --all --when now --no-wait',
      'pc-01 and pc-02 will leave at once; 0.3 minutes of work are lost.',
    ],
    ['cancel render', 'Job 3 is cancelled.'],
    ['hold 3', 'Job 3 is held; what ran is saved and goes on with nightshift resume 3.'],
    ['practice unplug pc-01', 'pc-01 has no power any more; nobody was told.'],
    ['practice replug pc-03', 'pc-03 has power again and starts.'],
    ['practice cut pc-01', 'pc-01 is cut off from the network.'],
    ['practice keypress pc-01', 'Someone pressed a key at pc-01.'],
  ])('%s is answered with a sentence', async (words, sentence) => {
    expect(await golden(...words.split(' '))).toBe(`${sentence}\n=== 0`);
  });

  it.each([
    [['hold 3', 'resume 3'], 'Job 3 goes on.'],
    [['practice cut pc-01', 'practice heal pc-01'], 'pc-01 is on the network.'],
  ])('%s: what was done is undone', async (lines, sentence) => {
    for (const words of lines.slice(0, -1)) await golden(...words.split(' '));
    expect(await golden(...(lines.at(-1) ?? '').split(' '))).toBe(`${sentence}\n=== 0`);
  });
});

describe('what a program reads', () => {
  beforeEach(() => open('mishaps'));

  const json = async (...words: string[]): Promise<unknown> => {
    const { exitCode, out } = await ran(head, ...words, '--json');
    expect(exitCode).toBe(0);
    return JSON.parse(out);
  };

  it('machines have the fields that scripts rely on', async () => {
    const machines = head.lab.shell.machines();
    expect(await json('machines')).toMatchObject(machines);
    expect(Object.keys(machines[0]!)).toEqual(
      expect.arrayContaining(['id', 'name', 'seat', 'state', 'cpu', 'memory', 'load', 'tasks']),
    );
  });

  it('jobs count their tasks by state', async () => {
    expect(await json('jobs')).toEqual([
      expect.objectContaining({
        id: '2',
        name: 'sweep',
        owner: 'ada',
        state: 'done',
        tasks: { queued: 0, running: 0, suspended: 0, done: 1, failed: 0, cancelled: 0 },
      }),
      expect.objectContaining({
        id: '3',
        name: 'render',
        owner: 'ada',
        state: 'running',
        tasks: { queued: 0, running: 1, suspended: 1, done: 0, failed: 1, cancelled: 0 },
      }),
    ]);
  });

  it('a job has its tasks with their migrations', async () => {
    const { value: job } = head.lab.job('3');
    const [lost, moved] = job.tasks;
    const told = await json('job', '3');
    expect(told).toMatchObject(JSON.parse(JSON.stringify(job)) as object);
    expect(job).toMatchObject({ id: '3', name: 'render', owner: 'ada', state: 'running' });
    expect(lost).toMatchObject({ id: '3.1', state: 'suspended', machine: null, attempt: 3 });
    expect(told).toMatchObject({
      tasks: [{ waitingBecause: { words: 'all 4 slots are taken' } }, {}, {}],
    });
    expect(lost?.migrations.map(({ from, to }) => [from, to])).toEqual([
      ['pc-01', 'pc-02'],
      ['pc-02', 'pc-03'],
    ]);
    expect(moved).toMatchObject({
      ...{ id: '3.2', index: 2, state: 'running', machine: 'pc-01', attempt: 2 },
      ...{ exitCode: null, waitingBecause: null },
      migrations: [
        {
          ...{ from: 'pc-02', to: 'pc-01', because: { code: 'pc-leaves' } },
          ...{ bytes: 268_435_456, freezeMs: 2558, totalMs: 2558 },
        },
      ],
    });
    expect(job.tasks[2]).toMatchObject({ id: '3.3', exitCode: 3 });
  });

  it('every other answer is one value, too', async () => {
    expect(await json('top')).toMatchObject(
      JSON.parse(JSON.stringify(head.lab.shell.view())) as object,
    );
    expect(await json('report')).toMatchObject(head.lab.shell.report());
    expect(await json('practice', 'list')).toMatchObject([
      { name: 'pc-01' },
      {},
      { state: 'unplugged' },
    ]);
    expect(await json('practice', 'cut', 'pc-01')).toMatchObject({ name: 'pc-01', cut: true });
    expect(await json('cancel', 'render')).toEqual({ id: '3' });
    expect(await json('cordon', 'pc-01')).toEqual({ machines: ['pc-01'] });
    expect(await json('software', 'list')).toMatchObject([{ name: 'base' }]);
    expect(JSON.parse((await ran(head, 'doctor', '--json')).out)).toMatchObject([
      { ok: true },
      { ok: false },
    ]);
  });
});

describe('the launcher', () => {
  beforeEach(() => open('mishaps'));

  it('prints the version and help at once, without a head', async () => {
    expect(await spawned('/nowhere', ['--version'])).toEqual({
      exitCode: 0,
      out: '0.1.0\n',
      err: '',
    });
    const help = await spawned('/nowhere', ['--help']);
    expect(help.exitCode).toBe(0);
    expect(help.out).toContain('submit');
    for (const later of ['exec', 'push']) expect(help.out).not.toContain(later);
  });

  it('answers like the command in this process does', async () => {
    const answer = await spawned(head.home, ['jobs', '--json']);
    expect(answer).toMatchObject({ exitCode: 0, err: '' });
    expect(JSON.parse(answer.out)).toEqual(head.lab.shell.jobs());
  });

  it('colours only what a person looks at, or what was asked to be coloured', async () => {
    expect((await spawned(head.home, ['machines'])).out).not.toContain('\u001b');
    expect(
      (await spawned(head.home, ['machines'], { environment: { FORCE_COLOR: '1' } })).out,
    ).toContain('\u001b[31mlost');
    const both = { FORCE_COLOR: '1', NO_COLOR: '1' };
    expect((await spawned(head.home, ['machines'], { environment: both })).out).not.toContain(
      '\u001b',
    );
  });

  it('says so when no head runs', async () => {
    const nowhere = join(folder, 'nowhere');
    expect(await spawned(nowhere, ['machines'])).toEqual({
      exitCode: 1,
      out: '',
      err: `nightshift: no head is running for ${nowhere}; start one with npm start, nightshift head, or nightshift practice up.\n`,
    });
  });
});
