import { millis } from '../../shared/base/units.ts';
import type { MachineNote } from '../../shared/domain/machine-notes.ts';
import type { Reason } from '../../shared/domain/reasons.ts';
import type { Waiting } from '../../shared/domain/waiting.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ran, spawned } from './command-line.ts';
import { ScriptedHead } from './scripted-head.ts';
import { jobOf, machineOf, reportOf, stillAt, taskOf } from './scripted-views.ts';

// The report is written in the clock of its reader.
process.env['TZ'] = 'UTC';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const head = new ScriptedHead(join(folder, 'home'));
const { home } = head;
const cameBack: MachineNote = { code: 'came-back', facts: { after: millis(120_000) } };
const vanished: MachineNote = { code: 'vanished', facts: {} };
const crowded: Reason = {
  code: 'crowded',
  facts: { from: { pc: 'pc-02', used: 4, slots: 4 }, to: { pc: 'pc-01', used: 0, slots: 4 } },
};
const ended: Reason = { code: 'exited', facts: { code: 3 } };
const noSlot: Waiting = { code: 'no-slot-free', facts: { slots: 4, passedOver: [] } };

beforeAll(() => head.start());
afterAll(async () => {
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  const move = {
    from: 'pc-02',
    to: 'pc-01',
    at: stillAt - 30_000,
    because: crowded,
    bytes: 134_217_728,
    freezeMs: 410,
    totalMs: 2300,
  };
  head.machines = [
    machineOf('pc-01', { seat: '12/1/4', load: 1.99, slotsUsed: 1, tasks: [taskOf('2', 1).id] }),
    machineOf('pc-02', { cordoned: true, speed: 812.4, flag: 'came-back', note: cameBack }),
    machineOf('pc-03', { state: 'lost', note: vanished }),
  ];
  head.jobs = [
    jobOf(
      '1',
      'sweep',
      [
        taskOf('1', 0, {
          state: 'done',
          phase: 'done',
          exitCode: 0,
          attempt: 1,
          cpuSeconds: 3.25,
          startedAt: stillAt - 90_000,
          finishedAt: stillAt - 60_000,
        }),
      ],
      {
        state: 'done',
        submittedAt: stillAt - 3 * 3_600_000,
        finishedAt: stillAt - 60_000,
      },
    ),
    jobOf('2', 'render', [
      taskOf('2', 1, {
        state: 'running',
        phase: 'running',
        machine: 'pc-01',
        attempt: 2,
        cpuSeconds: 61.5,
        startedAt: stillAt - 70_000,
        migrations: [move],
      }),
      taskOf('2', 2, { waitingBecause: noSlot }),
      taskOf('2', 3, {
        state: 'failed',
        phase: 'failed',
        attempt: 1,
        exitCode: 3,
        reason: ended,
        startedAt: stillAt - 10_000,
        finishedAt: stillAt - 9000,
      }),
    ]),
  ];
  head.moves = [];
  head.diary = [{ seq: 1, at: stillAt, tone: 'bad', code: 'member-lost', facts: { pc: 'pc-03' } }];
  head.strangers = [];
  head.report = reportOf({
    tasksDone: 41,
    tasksFailed: 1,
    tasksSuspended: 2,
    moves: [{ ...move, task: taskOf('2', 1).id }],
    checkpoints: 17,
    minutesLost: 1.25,
    losses: [
      {
        ...{ task: taskOf('2', 3).id, machine: 'pc-03', at: stillAt - 120_000, minutes: 1.25 },
        reason: { code: 'pc-lost', facts: { pc: 'pc-03' } },
      },
    ],
    coreHours: 31.456,
    returned: { given: 2, confirmed: 1 },
    machines: [
      {
        ...{ name: 'pc-01', state: 'released', returnedAt: stillAt - 60_000 },
        ...{ leftAt: stillAt - 30_000, flag: null, note: null },
      },
      {
        ...{ name: 'pc-02', state: 'ready', returnedAt: null, leftAt: null, flag: 'came-back' },
        note: cameBack,
      },
      {
        ...{ name: 'pc-03', state: 'lost', returnedAt: null, leftAt: null, flag: null },
        note: vanished,
      },
    ],
    failures: [{ task: taskOf('2', 3).id, held: false, reason: ended }],
  });
  head.pcs = [
    { name: 'pc-01', state: 'on', cut: false, screen: ['Room 12', 'ready', ''] },
    { name: 'pc-02', state: 'unplugged', cut: true, screen: [] },
  ];
});

const golden = async (...words: string[]): Promise<string> => {
  const { exitCode, out, err } = await ran(home, ...words);
  return `${out}${err === '' ? '' : `--- stderr\n${err}`}=== ${exitCode}`;
};

describe('what a person reads', () => {
  it('machines are a table with their seats and notes', async () => {
    expect(await golden('machines')).toMatchInlineSnapshot(`
      "MACHINE  SEAT    STATE            SLOTS  LOAD     MEMORY FREE  SPEED  FAMILY  TASKS  NOTE
      pc-01    12/1/4  ready              1/4  1.99  6 GiB of 8 GiB   1000  A       2.1
      pc-02    -       ready, cordoned    0/4  0.25  6 GiB of 8 GiB    812  A       -      it came back 2 minutes after it was given back: take out its boot medium, or look at its boot order
      pc-03    -       lost               0/4  0.25  6 GiB of 8 GiB   1000  A       -      it vanished and did not come back
      === 0"
    `);
  });

  it('machines that were seen and not let in are told with the reason', async () => {
    head.machines = [];
    head.strangers = [
      {
        machineKey: 'k',
        address: '10.0.0.9',
        name: null,
        reason: 'its token has expired',
        at: stillAt,
      },
    ];
    expect(await golden('machines')).toMatchInlineSnapshot(`
      "No PC has enrolled yet; start some with the lab’s boot medium, or try nightshift practice up.
      Seen, not enrolled: 10.0.0.9 (its token has expired)
      === 0"
    `);
  });

  it('a second head of this lab is told wherever one looks at the machines', async () => {
    head.machines = [];
    head.otherHead = '10.0.0.2:7411';
    const told = await ran(home, 'machines', '--json');
    head.otherHead = null;
    expect(told).toEqual({
      exitCode: 0,
      out: '[]\n',
      err: 'nightshift: Another head of this lab answers at 10.0.0.2:7411; stop one of the two, since a PC obeys whichever it finds first.\n',
    });
  });

  it('jobs are a table', async () => {
    expect(await golden('jobs')).toMatchInlineSnapshot(`
      "JOB  NAME    OWNER  STATE    TASKS  THESE ARE                      SUBMITTED
        1  sweep   ada    done       1/1  1 done                         3 h ago
        2  render  ada    running    0/3  1 running, 1 queued, 1 failed  2 min ago
      === 0"
    `);
  });

  it('no jobs are said to be none', async () => {
    head.jobs = [];
    expect(await golden('jobs')).toMatchInlineSnapshot(`
      "No jobs yet; submit one with nightshift submit -- COMMAND.
      === 0"
    `);
  });

  it('a job shows its tasks, why they wait or failed, and its moves', async () => {
    expect(await golden('job', 'render')).toMatchInlineSnapshot(`
      "Job 2  render  running
      Command    render scene.blend {task}
      Owner      ada
      Submitted  2 min ago
      Needs      1 processor, 512 MiB of memory, pack base
      Tasks      3 tasks: 1 running, 1 queued, 1 failed

      TASK  STATE    MACHINE  ATTEMPT         RAN        CPU  EXIT  WHY
       2.1  running  pc-01          2  1 min 10 s  1 min 2 s     -
       2.2  queued   -              -           -          -     -  all 4 slots are taken
       2.3  failed   -              1         1 s          -     3  the program ended with exit code 3

      MOVED  FROM   TO     WHEN      FROZEN  IN ALL     SIZE  BECAUSE
        2.1  pc-02  pc-01  30 s ago  410 ms   2.3 s  128 MiB  pc-02 is crowded (4 of 4 slots) and pc-01 is not (0 of 4)
      === 0"
    `);
  });

  it('a job shows one task when that is named', async () => {
    expect(await golden('job', '2.2')).toMatchInlineSnapshot(`
      "Job 2  render  running
      Command    render scene.blend {task}
      Owner      ada
      Submitted  2 min ago
      Needs      1 processor, 512 MiB of memory, pack base
      Tasks      3 tasks: 1 running, 1 queued, 1 failed

      TASK  STATE   MACHINE  ATTEMPT  RAN  CPU  EXIT  WHY
       2.2  queued  -              -    -    -     -  all 4 slots are taken
      === 0"
    `);
  });

  it('top shows the lab once where nobody looks', async () => {
    expect(await golden('top')).toMatchInlineSnapshot(`
      "Room 12  night 3  2 PCs, 1 of 8 slots in use, 1 open job

      MACHINE  SEAT    STATE            SLOTS  LOAD     MEMORY FREE  SPEED  FAMILY  TASKS  NOTE
      pc-01    12/1/4  ready              1/4  1.99  6 GiB of 8 GiB   1000  A       2.1
      pc-02    -       ready, cordoned    0/4  0.25  6 GiB of 8 GiB    812  A       -      it came back 2 minutes after it was given back: take out its boot medium, or look at its boot order
      pc-03    -       lost               0/4  0.25  6 GiB of 8 GiB   1000  A       -      it vanished and did not come back

      JOB  NAME    OWNER  STATE    TASKS  THESE ARE                      SUBMITTED
        2  render  ada    running    0/3  1 running, 1 queued, 1 failed  2 min ago
        1  sweep   ada    done       1/1  1 done                         3 h ago

      pc-03 is lost.
      === 0"
    `);
  });

  it('the report tells what the night came to', async () => {
    expect(await golden('report')).toMatchInlineSnapshot(`
      "Night 3 of Room 12
      From         2026-11-21 18:30 to 2026-11-21 22:30
      Tasks        41 done, 1 failed, 2 saved for the next night
      Work         31.46 core-hours
      Moves        1, frozen for 410 ms at the most
      Checkpoints  17
      PCs          2 given back, 1 known to have left
      Lost         1.3 minutes

      MOVED  FROM   TO     FROZEN  IN ALL     SIZE  BECAUSE
        2.1  pc-02  pc-01  410 ms   2.3 s  128 MiB  pc-02 is crowded (4 of 4 slots) and pc-01 is not (0 of 4)

      LOST  ON     AT                MINUTES  BECAUSE
       2.3  pc-03  2026-11-21 22:28      1.3  pc-03 was lost

      MACHINE  STATE     RETURNED          NOTE
      pc-01    released  2026-11-21 22:29
      pc-02    ready     -                 it came back 2 minutes after it was given back: take out its boot medium, or look at its boot order
      pc-03    lost      -                 it vanished and did not come back

      Task 2.3 failed: the program ended with exit code 3
      === 0"
    `);
  });

  it('the report of another night is asked for by its number', async () => {
    expect(await golden('report', '--night', '2')).toContain('Night 2 of Room 12');
    expect(await golden('report', '--night', '9')).toBe(
      '--- stderr\nnightshift: there is no night 9; the newest is night 3.\n=== 2',
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
      pc-01  on         ok       ready
      pc-02  unplugged  cut
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
      'pc-01 and pc-02 will leave at once; 1.5 minutes of work are lost.',
    ],
    ['cancel render', 'Job 2 is cancelled.'],
    ['hold 2', 'Job 2 is held; what ran is saved and goes on with nightshift resume 2.'],
    ['resume 2', 'Job 2 goes on.'],
    ['practice unplug pc-01', 'pc-01 has no power any more; nobody was told.'],
    ['practice replug pc-01', 'pc-01 has power again and starts.'],
    ['practice cut pc-01', 'pc-01 is cut off from the network.'],
    ['practice heal pc-01', 'pc-01 is on the network.'],
    ['practice keypress pc-01', 'Someone pressed a key at pc-01.'],
  ])('%s is answered with a sentence', async (words, sentence) => {
    expect(await golden(...words.split(' '))).toBe(`${sentence}\n=== 0`);
  });
});

describe('what a program reads', () => {
  const json = async (...words: string[]): Promise<unknown> => {
    const { exitCode, out } = await ran(home, ...words, '--json');
    expect(exitCode).toBe(0);
    return JSON.parse(out);
  };

  it('machines have the fields that scripts rely on', async () => {
    expect(await json('machines')).toMatchObject(head.machines);
    expect(Object.keys(head.machines[0]!)).toEqual(
      expect.arrayContaining(['id', 'name', 'seat', 'state', 'cpu', 'memory', 'load', 'tasks']),
    );
  });

  it('jobs count their tasks by state', async () => {
    expect(await json('jobs')).toEqual([
      expect.objectContaining({
        id: '1',
        name: 'sweep',
        owner: 'ada',
        state: 'done',
        tasks: { queued: 0, running: 0, suspended: 0, done: 1, failed: 0, cancelled: 0 },
      }),
      expect.objectContaining({
        id: '2',
        name: 'render',
        owner: 'ada',
        state: 'running',
        tasks: { queued: 1, running: 1, suspended: 0, done: 0, failed: 1, cancelled: 0 },
      }),
    ]);
  });

  it('a job has its tasks with their migrations', async () => {
    expect(await json('job', '2')).toMatchObject({
      id: '2',
      name: 'render',
      owner: 'ada',
      state: 'running',
      tasks: [
        {
          id: '2.1',
          index: 1,
          state: 'running',
          machine: 'pc-01',
          attempt: 2,
          exitCode: null,
          cpuSeconds: 61.5,
          waitingBecause: null,
          migrations: [
            {
              from: 'pc-02',
              to: 'pc-01',
              at: stillAt - 30_000,
              because: {
                ...crowded,
                words: 'pc-02 is crowded (4 of 4 slots) and pc-01 is not (0 of 4)',
              },
              bytes: 134_217_728,
              freezeMs: 410,
              totalMs: 2300,
            },
          ],
        },
        {
          id: '2.2',
          waitingBecause: { ...noSlot, words: 'all 4 slots are taken' },
          migrations: [],
        },
        { id: '2.3', exitCode: 3 },
      ],
    });
  });

  it('every other answer is one value, too', async () => {
    expect(await json('top')).toMatchObject(head.view());
    expect(await json('report')).toMatchObject(head.report);
    expect(await json('practice', 'list')).toEqual(head.pcs);
    expect(await json('practice', 'cut', 'pc-01')).toEqual(head.pcs[0]);
    expect(await json('cancel', 'render')).toEqual({ id: '2' });
    expect(await json('cordon', 'pc-01')).toEqual({ machines: ['pc-01'] });
    expect(await json('software', 'list')).toMatchObject([{ name: 'base' }]);
    expect(JSON.parse((await ran(home, 'doctor', '--json')).out)).toMatchObject([
      { ok: true },
      { ok: false },
    ]);
  });
});

describe('the launcher', () => {
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
    const answer = await spawned(home, ['jobs', '--json']);
    expect(answer).toMatchObject({ exitCode: 0, err: '' });
    expect(JSON.parse(answer.out)).toEqual(head.view().jobs);
  });

  it('colours only what a person looks at, or what was asked to be coloured', async () => {
    expect((await spawned(home, ['machines'])).out).not.toContain('\u001b');
    expect(
      (await spawned(home, ['machines'], { environment: { FORCE_COLOR: '1' } })).out,
    ).toContain('\u001b[31mlost');
    const both = { FORCE_COLOR: '1', NO_COLOR: '1' };
    expect((await spawned(home, ['machines'], { environment: both })).out).not.toContain('\u001b');
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
