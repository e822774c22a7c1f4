import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ran, type } from './command-line.ts';
import { connectToHead } from '../../src-cli/platform/head-connection.ts';
import { readHeadJson } from '../../src-cli/platform/head-directory.ts';
import { refuse } from '../../shared/base/result.ts';
import { SmallLab } from './small-lab.ts';

const small = new SmallLab();
const patient = { timeout: 20_000 };
const memory = 3 * 1024 ** 2;
const task = () => small.head.lab.job('1').value.tasks[0];
const other = (): string => (task()?.machine === 'pc-01' ? 'pc-02' : 'pc-01');
const moved = (to: string): RegExp =>
  new RegExp(
    `^Task 1\\.0 runs on ${to}: frozen for [1-9][\\d.]* m?s, 3 MiB moved in [1-9][\\d.]* m?s\\.\\n$`,
  );

describe('moving a task', () => {
  it('blocks until it runs over there, through a restart of the head', async () => {
    const { head } = small;
    small.running('long', { memory });
    const [from, to] = [task()?.machine ?? '', other()];
    const typing = type(head, ['migrate', 'long', to]);
    await expect.poll(() => head.listening('lab.onChange'), patient).toBe(1);
    const { attempts } = head.lab.pc(from);
    const isLeaving = (): boolean =>
      [...attempts.values()].some(({ state }) => state === 'leaving');
    for (let ms = 0; ms < 10_000 && !isLeaving(); ms += 1) head.lab.advance(1);
    await head.kill();
    await expect.poll(typing.err, patient).toContain('does not answer');
    head.lab.advance(3000);
    await head.comeBack();
    const ended = await head.passing(typing.done);
    expect(ended.exitCode).toBe(0);
    // How long it took is known only if the PC it left could tell it to a head.
    expect(ended.out).toMatch(new RegExp(`^Task 1\\.0 runs on ${to}[:;] `));
    expect(task()?.machine).toBe(to);
  });

  it('tells how long it took once the PC it left has said so, and never 0 ms', async () => {
    const { head } = small;
    small.running('long', { memory });
    const [from, to] = [task()?.machine ?? '', other()];
    expect((await head.passing(ran(head, 'migrate', 'long', to))).out).toMatch(moved(to));

    // Its cable is pulled out between "it runs here" and "it has gone".
    const typing = type(head, ['migrate', 'long', from]);
    await expect.poll(() => head.lab.shell.view().moves, patient).toHaveLength(1);
    const { attempts } = head.lab.pc(from);
    const runsThere = (): boolean =>
      [...attempts.values()].some(({ state }) => state === 'running');
    for (let ms = 0; ms < 10_000 && !runsThere(); ms += 1) head.lab.advance(1);
    head.lab.pc(to).cutCable();
    expect(await head.passing(typing.done)).toEqual({
      exitCode: 0,
      out: `Task 1.0 runs on ${from}; ${to} has not said how long it took.\n`,
      err: '',
    });
  });

  it('says where the task is when the move fails', async () => {
    const { head } = small;
    small.running('long', { memory });
    head.lab.restoreFaults = 1;
    const to = other();
    const ended = await head.passing(ran(head, 'migrate', '1.0', to));
    expect(ended).toMatchObject({ exitCode: 1, out: '' });
    expect(ended.err).toMatch(
      new RegExp(`^nightshift: Task 1\\.0 did not move to ${to} and goes on where it was: .+\\n$`),
    );
  });
});

describe('releasing', () => {
  it('tells of each PC when it has left, and what it cost', async () => {
    const { head } = small;
    small.running('long', { memory });
    const ended = await head.passing(ran(head, 'release', '--all', '--json'));
    expect(ended.exitCode).toBe(0);
    for (const name of ['pc-01', 'pc-02'])
      expect(ended.err).toMatch(new RegExp(`^${name}  done after [\\d.]+ m?s$`, 'm'));
    const told = JSON.parse(ended.out) as { machines: { name: string }[]; minutesLost: number };
    expect(told.minutesLost).toBe(0);
    expect(told.machines.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject(
      ['pc-01', 'pc-02'].map((name) => ({ name, state: 'released' })),
    );
    expect(task()).toMatchObject({ state: 'suspended', machine: null });
  });

  it('says once what to do when a task cannot be saved', async () => {
    const { lab } = small.head;
    small.running('long', { memory });
    const from = task()?.machine ?? '';
    lab.shell.cordon([other()]);
    lab.saveFaults = 1;
    const typing = type(small.head, ['release', from]);
    await small.comes(typing.err, /the last attempt to save one failed/);
    lab.saveFaults = 0;
    const { err, exitCode } = await small.head.passing(typing.done);
    expect(exitCode).toBe(0);
    expect(err).toContain(
      `${from}  releasing: 1 task left; the last attempt to save one failed: the head's disk is full\n`,
    );
    const advice = `${from}  nightshift release --when task waits for it to end, --when now leaves at once.\n`;
    expect(err.split(advice)).toHaveLength(2);
  });

  it('fails when a PC goes without a word', async () => {
    const { head } = small;
    small.running('long', { memory });
    const [gone, stays] = [task()?.machine ?? '', other()];
    head.onCall = (call) => void (call === 'lab.evacuate' && head.lab.pc(gone).unplug());
    const ended = await head.passing(ran(head, 'evacuate', gone, stays));
    expect(ended).toMatchObject({ exitCode: 1, out: '' });
    expect(ended.err).toContain(
      `${gone}  lost: it went without a word; its tasks go on from their checkpoints.\n`,
    );
    expect(ended.err).toMatch(new RegExp(`^${stays}  done after `, 'm'));
    expect(ended.err).toContain(
      `nightshift: ${gone} went without a word before everything was saved; nightshift jobs shows where the tasks are.\n`,
    );
  });
});

describe('the practice lab', () => {
  it('is up when its PCs have enrolled', async () => {
    const { head } = small;
    const typing = type(head, ['practice', 'up', '--pcs', '3', '--memory', '1G']);
    const ended = await head.passing(typing.done);
    expect(head.calls).toContainEqual({
      call: 'practice.up',
      input: [{ pcs: 3, cpus: 2, memory: 1024 ** 3, driver: 'container' }],
    });
    expect(ended.err).toMatch(/^pc-\d{2} has arrived\.\n$/);
    expect(ended).toMatchObject({
      exitCode: 0,
      out: '3 practice PCs are on; see them with nightshift machines.\n',
    });
  });

  it('tells once what keeps a PC out, however often that one asks', async () => {
    const { head } = small;
    const asks = (about: string, seconds: number): void => {
      const reason = `${about} is in the lab already, heard ${seconds} s ago.`;
      head.lab.shell.seen({ machineKey: 'k', address: '10.0.0.9', name: 'pc-09', reason });
    };
    // The lab stands still until all of this is seen.
    const wait = (): Promise<void> => promisify(setTimeout)(5);
    const typing = type(head, ['practice', 'up', '--pcs', '3'], { wait });
    let about = 'pc';
    // What the first view shows was so before, and is not told.
    const seen = (): string => {
      asks((about += '-x'), 1);
      return typing.err();
    };
    await expect.poll(seen, patient).toContain('was seen and not let in');
    asks(about, 2);
    await expect.poll(() => typing.err(), patient).toContain(`${about} is in the lab already`);
    asks(about, 3);
    const { err } = await head.passing(typing.done);
    expect(err.split(`${about} is in the lab already`)).toHaveLength(2);
    expect(err).toContain('has arrived.');
  });

  it('down leaves a head that somebody else started', async () => {
    const { head } = small;
    expect(await ran(head, 'practice', 'down', '--json')).toMatchObject({
      exitCode: 0,
      out: '{"pcs":2,"headStopped":false}\n',
    });
    expect(head.calls.map(({ call }) => call)).toContain('practice.down');
  });

  it('down ends the head that practice up started', async () => {
    const { head } = small;
    const { home } = head;
    head.onCall = (call) => void (call === 'shutdown' && head.stop());
    const heads = {
      home,
      connect: () => connectToHead(home),
      running: () => readHeadJson(home),
      lives: () => false,
      runHere: async () => 0,
      startBehind: async () => refuse('failed', ''),
      startedBehind: async () => true,
      keepHome: async () => ({ ok: true as const, value: null }),
    };
    expect(await type(head, ['practice', 'down'], { heads }).done).toMatchObject({
      exitCode: 0,
      out: `The practice lab is down, and its head has stopped; jobs and checkpoints are kept in ${home}.\n`,
    });
  });
});

describe('a link that breaks', () => {
  it('in the middle of a command is told, and nothing is begun twice', async () => {
    const { head } = small;
    small.running('one', {});
    head.onCall = (call) => void (call === 'lab.cancelJob' && head.kill());
    const ended = await ran(head, 'cancel', '1');
    // Either the answer was through before, or it is said that it may not have been.
    if (ended.exitCode !== 0) expect(ended.err).toContain('the head went away before it answered');
    expect(head.calls.filter(({ call }) => call === 'lab.cancelJob')).toHaveLength(1);
  });
});
