import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BootImageStore } from '../../../src-main/platform/system-builder/boot-image-store.ts';
import { chooseAccelerator } from '../../../src-main/platform/practice/vm/accelerator.ts';
import type { Accelerator } from '../../../src-main/platform/practice/vm/qemu-command.ts';
import { ran } from '../../lab/command-line.ts';
import { HeadProcess } from '../../lab/head/head-process.ts';
import { lastResort, waitUntil } from '../../lab/wait-until.ts';
import { day, night, nightHours } from './night-and-day.ts';
import {
  addPartition,
  ownSystemSays,
  windowsBootEntry,
  writeOwnDisk,
  writeUefiDisk,
} from './own-disk.ts';
import { VirtualPc, type PcParts } from './virtual-pc.ts';

const minute = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'nightshift-stick-'));
const home = join(folder, 'home');
const stick = join(folder, 'stick.img');
// The kernel says more than it would on a lab's PCs, such as whether Secure Boot is on.
const words = ['--kernel-options', 'console=ttyS0 loglevel=7 nightshift.screen-copy=ttyS1'];

let head: HeadProcess;
let accelerator: Accelerator;
let pc: VirtualPc | undefined;
let pcs = 0;

const nightshift = async (...line: readonly string[]): Promise<string> => {
  const { exitCode, out, err } = await ran(home, ...line);
  if (exitCode !== 0) throw new Error(`nightshift ${line.join(' ')}: ${err}${out}`);
  return out;
};

function switchOn(parts: Omit<PcParts, 'folder' | 'accelerator'>): VirtualPc {
  pcs += 1;
  // One processor: see src-main/platform/practice/vm/qemu-command.ts.
  const machine = { folder: join(folder, `pc-${pcs}`), accelerator, processors: 1 };
  pc = new VirtualPc({ ...machine, ...parts });
  return pc;
}

const says = (text: string, line: 'first' | 'second' = 'first'): Promise<unknown> =>
  waitUntil(`the PC says "${text}"`, () => pc?.said(line).includes(text), {
    within: 4 * minute,
    picture: async () =>
      `${pc?.said('first').slice(-2000)}\n---\n${pc?.said('second').slice(-1500)}`,
  });

beforeAll(async () => {
  head = new HeadProcess(home, ['--port', '0', '--lab', 'Room 12']);
  const { port } = await head.ready();
  const address = ['--address', `10.0.2.2:${port}`];
  const hours = ['--hours', nightHours];
  // Builds the boot image when it is not in the cache.
  await nightshift('media', 'write', '--to', stick, ...address, ...hours, ...words);
  const image = new BootImageStore(join(home, 'images')).list()[0];
  if (!image) throw new Error('the head keeps no boot image');
  accelerator = await chooseAccelerator(folder, image.kernel);
}, lastResort);

afterEach(async () => {
  await pc?.off();
  pc = undefined;
});

afterAll(async () => {
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a PC started from a boot stick', () => {
  // With UEFI and no Secure Boot, and where multicast reaches the head: test/vm/lab-night.test.ts.
  test.each(['bios', 'secure'] as const)(
    'joins the lab by night and runs a task (%s)',
    async (firmware) => {
      switchOn({ firmware, stick, network: true, clock: night, memory: 1536 });
      await says('Loading the member system');
      await says('Lab Room 12', 'second');
      const isSecure = pc?.said().includes('Secure boot enabled');
      expect(isSecure).toBe(firmware === 'secure');
      const machine = await waitUntil(
        'it is a member',
        async () => {
          const machines = JSON.parse(await nightshift('machines', '--json')) as {
            readonly name: string;
            readonly state: string;
          }[];
          return machines.find(({ state }) => state === 'ready');
        },
        { within: 4 * minute, every: 500, picture: async () => pc?.said('second') ?? '' },
      );
      expect(await nightshift('run', '--', 'uname', '-sm')).toContain('Linux x86_64');
      await pc?.off();
      await waitUntil('it is missed', async () =>
        (await nightshift('machines'))
          .split('\n')
          .some((line) => line.includes(machine.name) && /suspect|lost/.test(line)),
      );
    },
    lastResort,
  );
});

describe('by day, with the stick left in,', () => {
  // A part of a volume group or a RAID begins with zeros as swap does.
  test('a BIOS PC starts its own disk, swap and all', async () => {
    const disk = join(folder, 'own.img');
    writeOwnDisk(disk, true);
    addPartition(disk, 0x82, [4086, 'SWAPSPACE2']);
    switchOn({ firmware: 'bios', stick, disk, clock: day });
    await says(ownSystemSays);
    expect(pc?.said()).not.toContain('Loading the member system');
  });

  test(
    'a UEFI PC is reset into its own system, though its firmware still names a Windows that is gone',
    async () => {
      const disk = join(folder, 'uefi.img');
      writeUefiDisk(disk);
      const bootEntries = { Boot0077: windowsBootEntry() };
      const parts = { firmware: 'uefi', stick, disk, bootEntries } as const;
      switchOn({ ...parts, clock: day, memory: 1536, restarts: true });
      await says('Loading the member system');
      await says(ownSystemSays);
      const said = pc?.said() ?? '';
      // From the start on, not only after somebody pressed a key.
      expect(said.indexOf('Loading the member system')).toBeLessThan(said.indexOf(ownSystemSays));
      expect(pc?.said('second')).not.toContain('Lab Room 12');
    },
    lastResort,
  );

  test.each([
    ['its only partition', false],
    ['a partition beside one that can be read', true],
  ])('a BIOS PC is left to its firmware where %s may be encrypted', async (_what, readable) => {
    const disk = join(folder, 'sealed.img');
    writeOwnDisk(disk, readable);
    if (readable) addPartition(disk, 7, [0, '\xeb\x58\x90-FVE-FS-']);
    switchOn({ firmware: 'bios', stick, disk, clock: day });
    await says('may be encrypted (BitLocker)');
    expect(pc?.said()).not.toContain(ownSystemSays);
  });
});
