import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastResort } from '../lab/wait-until.ts';
import { bytes, mebibytes } from '../../shared/base/units.ts';
import { pressKeys } from '../../src-main/platform/practice/vm/vm-driver.ts';
import { tellQemu, type QmpCommand } from '../../src-main/platform/practice/vm/qmp.ts';
import { countedWithoutGap, countingUntilMoved } from '../lab/practice/programs.ts';
import { nobody } from '../lab/head/head-process.ts';
import { RealLab } from '../lab/practice/real-lab.ts';

const minute = 60_000;
/** One processor each: two of them share this machine with the tests. */
const small = { driver: 'vm', cpus: 1, memory: mebibytes(1024) } as const;

let lab: RealLab;
const folderOf = (pc: string): string => join(lab.home, 'practice', 'vm', pc);
const tell = (pc: string, ...commands: readonly QmpCommand[]) => tellQemu(folderOf(pc), commands);
const stateOf = async (pc: string): Promise<string | undefined> =>
  (await lab.api.practice.list()).find(({ name }) => name === pc)?.state;
const isOff = (pc: string): Promise<boolean> =>
  lab.until(`${pc} is off`, async () => (await stateOf(pc)) === 'off', 2 * minute);
const isReady = (pc: string): Promise<boolean> =>
  lab.until(
    `${pc} is ready`,
    async () => (await lab.machines()).some(({ name, state }) => name === pc && state === 'ready'),
    5 * minute,
  );

describe('PCs that boot the real image, on a switch with the head', () => {
  beforeAll(async () => {
    lab = await RealLab.open(2, small);
  }, lastResort);
  afterAll(async () => lab[Symbol.asyncDispose](), lastResort);

  test('two PCs arrive by mDNS, and their screens say whose they are', async () => {
    const identity = lab.logOf('pc-01');
    expect(identity).toMatch(/enrolled [\d.]+ s after this PC's kernel began/);
    const [pc] = await lab.api.practice.list();
    expect(pc?.screen.join('\n')).toContain('Press any key to take this PC back.');
    expect(pc?.screen.join('\n')).toContain('pc-01');
  });

  test('one runs a task under its own Debian kernel, with a pack it fetched from the head', async () => {
    const job = await lab.submit(['sh', '-c', 'uname -r; nproc']);
    expect((await lab.isOver(job)).state).toBe('done');
    expect(await lab.log(`${job}.0`)).toMatch(/\+deb13-amd64\n1\n/);
  });

  test('no block device is there but the image itself', async () => {
    for (const pc of ['pc-01', 'pc-02']) {
      const said = await lab.until('all drivers are loaded', () =>
        Promise.resolve(/drivers are loaded; block devices: (.*)/.exec(lab.logOf(pc)) ?? undefined),
      );
      expect(said[1]).toMatch(/^loop\d( loop\d)*$/);
    }
  });

  test(
    'a task moves from one to the other while it counts, and misses no number',
    async () => {
      const job = await lab.submit(countingUntilMoved());
      const { machine } = await lab.speaks(job, '\n10\n');
      const target = machine === 'pc-01' ? 'pc-02' : 'pc-01';
      await lab.api.tasks.migrate({ task: `${job}.0`, machine: target });
      await lab.until(
        `it is on ${target}`,
        async () => {
          const task = await lab.task(job);
          return task.machine === target && task.phase === 'running';
        },
        3 * minute,
      );
      expect((await lab.isOver(job)).state).toBe('done');
      expect(countedWithoutGap(await lab.log(`${job}.0`))).toBe(true);
      expect((await lab.task(job)).restartsFromZero).toBe(0);
    },
    lastResort,
  );

  test(
    'they outlive their head, and the next one finds them',
    async () => {
      await lab.killHead();
      await lab.startHead();
      await lab.until('both are linked again', async () => {
        const machines = await lab.machines();
        return machines.length === 2 && machines.every(({ state }) => state === 'ready');
      });
      expect(await stateOf('pc-01')).toBe('on');
    },
    lastResort,
  );

  test(
    'a PC that is cut off is lost, and comes back by itself when it is healed',
    async () => {
      await lab.api.practice.cut({ pc: 'pc-02' });
      await lab.until('pc-02 is lost', async () => (await lab.machine('pc-02')).state === 'lost');
      expect((await lab.api.practice.list())[1]?.cut).toBe(true);
      await lab.api.practice.heal({ pc: 'pc-02' });
      await isReady('pc-02');
    },
    lastResort,
  );

  test(
    'somebody presses a key: the task goes to the other PC and this one is given back',
    async () => {
      const job = await lab.submit(countingUntilMoved());
      const { machine } = await lab.speaks(job, '\n10\n');
      if (!machine) throw new Error('it runs nowhere');
      const other = machine === 'pc-01' ? 'pc-02' : 'pc-01';
      await lab.api.practice.keypress({ pc: machine });
      await isOff(machine);
      expect((await lab.machine(machine)).state).toBe('released');
      const done = await lab.isOver(job);
      expect(done.tasks[0]?.machine ?? done.tasks[0]?.lastMachine).toBe(other);
      expect(countedWithoutGap(await lab.log(`${job}.0`))).toBe(true);
      expect(done.tasks[0]?.restartsFromZero).toBe(0);
    },
    lastResort,
  );

  test.each([
    ['the power button', { execute: 'system_powerdown' }],
    ['Ctrl-Alt-Del', pressKeys('ctrl', 'alt', 'delete')],
  ])(
    '%s is a wish to have the PC back, too',
    async (_, sign) => {
      await lab.up(1, small);
      await isReady('pc-01');
      expect(await tell('pc-01', sign)).toEqual({ ok: true, value: null });
      await isOff('pc-01');
      expect((await lab.machine('pc-01')).state).toBe('released');
    },
    lastResort,
  );

  test(
    'a disk is the same, byte for byte, after a PC has worked beside it',
    async () => {
      const disk = join(lab.home, 'windows disk, 1.img');
      writeFileSync(disk, Buffer.alloc(8 * 1024 * 1024, 'a Windows disk '));
      const sum = (): string => createHash('sha256').update(readFileSync(disk)).digest('hex');
      const before = sum();
      const file = join(folderOf('pc-01'), 'state.json');
      const state = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...state, disks: [disk] }));
      await lab.up(1, small);
      await isReady('pc-01');
      const job = await lab.submit([
        'sh',
        '-c',
        'head -c 20000000 /dev/zero >file; sync; ls -l file',
      ]);
      await lab.isOver(job);
      expect(
        lab
          .logOf('pc-01')
          .match(/block devices: .*/g)
          ?.at(-1),
      ).toMatch(/^block devices: loop\d( loop\d)*$/);
      await lab.api.practice.unplug({ pc: 'pc-01' });
      expect(sum()).toBe(before);
    },
    lastResort,
  );

  test('a second driver beside them is refused in words', async () => {
    const refused = await lab.api.practice
      .up({ pcs: 1, driver: 'container', cpus: 1, memory: null })
      .catch((error: unknown) => String(error));
    expect(refused).toContain('end it first with nightshift practice down');
  });

  test(
    'down leaves no process behind',
    async () => {
      await lab.api.practice.down();
      expect(await lab.api.practice.list()).toEqual([]);
    },
    lastResort,
  );
});

describe('PCs of somebody who has no rights on this machine', () => {
  beforeAll(async () => {
    lab = await RealLab.open(2, small, nobody);
  }, lastResort);
  afterAll(async () => lab[Symbol.asyncDispose](), lastResort);

  test('they find the head by its fixed address', async () => {
    expect(lab.logOf('pc-01')).toContain('dialling 10.0.2.2:');
  });

  test(
    'a task moves between them over a network of their own',
    async () => {
      const job = await lab.submit(countingUntilMoved());
      const { machine } = await lab.speaks(job, '\n10\n');
      const target = machine === 'pc-01' ? 'pc-02' : 'pc-01';
      await lab.api.tasks.migrate({ task: `${job}.0`, machine: target });
      // The balancer may have its own mind about where it is best afterwards.
      await lab.until(
        `it has moved to ${target}`,
        async () => (await lab.task(job)).migrations[0]?.to === target,
        3 * minute,
      );
      expect((await lab.isOver(job)).state).toBe('done');
      expect(countedWithoutGap(await lab.log(`${job}.0`))).toBe(true);
    },
    lastResort,
  );

  test('a driver that needs rights is refused in words', async () => {
    const refused = await lab.api.practice
      .up({ pcs: 1, driver: 'container', cpus: 1, memory: null })
      .catch((error: unknown) => String(error));
    expect(refused).toContain('practice PCs need root');
  });

  test('too little memory is refused in words', async () => {
    const refused = await lab.api.practice
      .up({ pcs: 3, driver: 'vm', cpus: 1, memory: bytes(300 * 1024 * 1024) })
      .catch((error: unknown) => String(error));
    expect(refused).toContain('cannot boot the member system');
  });
});
