import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BootImageStore } from '../../../src-main/platform/system-builder/boot-image-store.ts';
import { chooseAccelerator } from '../../../src-main/platform/practice/vm/accelerator.ts';
import { ran } from '../../lab/command-line.ts';
import { HeadProcess } from '../../lab/head/head-process.ts';
import { lastResort, waitUntil } from '../../lab/wait-until.ts';
import { VirtualPc } from './virtual-pc.ts';

const minute = 60_000;
const hour = 60 * minute;
const year = 365 * 24 * hour;

const folder = mkdtempSync(join(tmpdir(), 'nightshift-clock-'));
const home = join(folder, 'home');
const stick = join(folder, 'stick.img');
let head: HeadProcess;
let pc: VirtualPc | undefined;

const nightshift = async (...line: readonly string[]): Promise<string> => {
  const { exitCode, out, err } = await ran(home, ...line);
  if (exitCode !== 0) throw new Error(`nightshift ${line.join(' ')}: ${err}${out}`);
  return out;
};

beforeAll(async () => {
  head = new HeadProcess(home, ['--port', '0', '--lab', 'Room 12']);
  const { port } = await head.ready();
  const words = ['--kernel-options', 'console=ttyS0 nightshift.screen-copy=ttyS1'];
  await nightshift('media', 'write', '--to', stick, '--address', `10.0.2.2:${port}`, ...words);
}, lastResort);

afterAll(async () => {
  await pc?.off();
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['a year slow', -year],
  ['a year fast', year],
])(
  'a PC whose clock is %s joins all the same, and has the head’s time from then on',
  async (name, wrongBy) => {
    const [image] = new BootImageStore(join(home, 'images')).list();
    const accelerator = await chooseAccelerator(folder, image?.kernel ?? '');
    pc = new VirtualPc({
      ...{ folder: join(folder, name), firmware: 'bios', stick, network: true, accelerator },
      clock: new Date(Date.now() + wrongBy).toISOString().slice(0, 19),
      ...{ memory: 1280, processors: 1 },
    });
    const member = await waitUntil(
      'it is a member',
      async () =>
        (JSON.parse(await nightshift('machines', '--json')) as { name: string; state: string }[])
          .filter(({ state }) => state === 'ready')
          .find((machine) => pc?.said('second').includes(machine.name)),
      {
        ...{ within: 5 * minute, every: 1000 },
        picture: async () => `${pc?.said().slice(-2000)}\n---\n${pc?.said('second')}`,
      },
    );
    const told = Number(await nightshift('run', '--', 'date', '+%s')) * 1000;
    // How long the question took is no matter here.
    expect(Math.abs(told - Date.now())).toBeLessThan(hour);
    const screen = pc.said('second');
    for (const text of ['Lab Room 12', member.name, '10.0.2.15', 'Press any key to take this PC'])
      expect(screen).toContain(text);
    expect(screen).toMatch(/waits for work|computes one task/);
    await pc.off();
    await waitUntil(
      'it is missed',
      async () =>
        !(await nightshift('machines'))
          .split('\n')
          .some((line) => line.includes(member.name) && line.includes('ready')),
      { within: 3 * minute, every: 1000 },
    );
  },
  lastResort,
);
