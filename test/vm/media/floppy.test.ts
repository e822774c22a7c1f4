import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { NetbootView } from '../../../shared/api/netboot-views.ts';
import { BootImageStore } from '../../../src-main/platform/system-builder/boot-image-store.ts';
import { chooseAccelerator } from '../../../src-main/platform/practice/vm/accelerator.ts';
import type { Accelerator } from '../../../src-main/platform/practice/vm/qemu-command.ts';
import { buildAll, RealHead } from '../../interop/netboot/real-head.ts';
import { NetbootRoom } from '../../interop/netboot/room.ts';
import { lastResort, waitUntil } from '../../lab/wait-until.ts';
import { day, night, nightHours } from './night-and-day.ts';
import { ownSystemSays, writeOwnDisk } from './own-disk.ts';
import { VirtualPc, type PcParts } from './virtual-pc.ts';

// A PC with a BIOS and a floppy drive, in a room with somebody else's DHCP server; network boot is never switched on.

const minute = 60_000;

let room: NetbootRoom;
let head: RealHead;
let accelerator: Accelerator;
let [floppy, disk, tap] = ['', '', ''];
let pc: VirtualPc | undefined;
let pcs = 0;

function switchOn(parts: Partial<PcParts>): VirtualPc {
  pcs += 1;
  const folder = join(room.folder, `pc-${pcs}`);
  // One processor: see src-main/platform/practice/vm/qemu-command.ts.
  const machine = { folder, accelerator, firmware: 'bios', processors: 1, memory: 1024 } as const;
  pc = new VirtualPc({ ...machine, floppy, disk, ...parts });
  return pc;
}
const cable = () => ({ tap, mac: '52:54:00:00:02:01', within: room.network.on('sw') });
const picture = async (): Promise<string> =>
  `${pc?.said('first').slice(-2000)}\n---\n${pc?.said('second').slice(-1500)}`;
const until = <Value>(what: string, look: () => Promise<Value | undefined | false>) =>
  waitUntil(what, look, { within: 5 * minute, every: 500, picture });
const says = (text: string, line: 'first' | 'second' = 'first') =>
  until(`the PC says "${text}"`, async () => pc?.said(line).includes(text));
const netboot = async (): Promise<NetbootView> =>
  JSON.parse(await head.nightshift('netboot', 'status', '--json')) as NetbootView;

beforeAll(async () => {
  await buildAll();
  room = new NetbootRoom();
  await room.startDhcp();
  head = await RealHead.start(room);
  tap = room.network.addTap('floppy');
  [floppy, disk] = [join(room.folder, 'floppy.img'), join(room.folder, 'own.img')];
  writeOwnDisk(disk, true);
}, lastResort);

afterEach(async () => {
  await pc?.off();
  pc = undefined;
});

afterAll(() => {
  head.stop();
  room[Symbol.dispose]();
});

test('a floppy is written, and the head says where and until when it serves what it fetches', async () => {
  expect((await netboot()).floppies).toBeNull();
  const said = await head.nightshift(
    ...['media', 'floppy', '--to', floppy, '--hours', nightHours],
    ...['--kernel-options', 'console=ttyS0 nightshift.screen-copy=ttyS1'],
  );
  expect(said).toContain('let them in with nightshift approve CODE');
  expect(said).toMatch(/fetch the member system at 10\.77\.0\.2:7414 until \d{4}-/);
  expect(statSync(floppy).size).toBe(1_474_560);
  expect(await netboot()).toMatchObject({ on: false, interfaces: [], httpPort: 7414 });
  // No dnsmasq of ours runs; the room's own is another machine's.
  expect(room.dnsmasqOn('head')).toEqual([]);
  const findings = await head.nightshift('netboot', 'diagnose');
  expect(findings).toContain('boot floppies get what they fetch');
  expect(findings).not.toContain('!!');
});

test(
  'by night a PC fetches the member system from the head, is let in by its code, and runs a task',
  async () => {
    const [image] = new BootImageStore(join(room.folder, 'home', 'images')).list();
    if (!image) throw new Error('the head keeps no boot image');
    mkdirSync(join(room.folder, 'accelerator'));
    accelerator = await chooseAccelerator(join(room.folder, 'accelerator'), image.kernel);
    switchOn({ clock: night, cable: cable() });
    await says('Loading iPXE');
    await says('Its code is', 'second');
    const code = /Its code is ([A-Z0-9]{4}-[A-Z0-9]{2})/.exec(pc?.said('second') ?? '')?.[1] ?? '';
    expect(await head.nightshift('approve', code)).toContain('is let in');
    await until('it is a member', async () =>
      /"state": ?"ready"/.test(await head.nightshift('machines', '--json')),
    );
    expect(await head.nightshift('run', '--', 'uname', '-sm')).toContain('Linux x86_64');
    expect((await netboot()).pcs).toMatchObject([{ mac: '52:54:00:00:02:01', firmware: null }]);
  },
  lastResort,
);

test('by day it starts its own disk, and asks nobody', async () => {
  switchOn({ clock: day });
  await says(ownSystemSays);
  expect(pc?.said()).not.toContain('Loading iPXE');
});

test(
  'when no head answers it starts its own disk',
  async () => {
    head.stop();
    switchOn({ clock: night, cable: cable() });
    await says('Loading iPXE');
    await says(ownSystemSays);
  },
  lastResort,
);
