import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastResort } from '../lab/wait-until.ts';
import type { NetbootView } from '../../shared/api/netboot-views.ts';
import { BootImageStore } from '../../src-main/platform/system-builder/boot-image-store.ts';
import { chooseAccelerator } from '../../src-main/platform/practice/vm/accelerator.ts';
import { buildAll, RealHead } from './netboot/real-head.ts';
import { NetbootRoom } from './netboot/room.ts';

let room: NetbootRoom;
let head: RealHead;
beforeAll(async () => {
  await buildAll();
  room = new NetbootRoom();
  await room.startDhcp();
  head = await RealHead.start(room);
  await head.nightshift(
    ...['netboot', 'on', '--kernel-options', 'console=ttyS0 nightshift.screen-copy=ttyS1'],
  );
  const [image] = new BootImageStore(join(room.folder, 'home', 'images')).list();
  if (!image) throw new Error('the head keeps no boot image');
  room.accelerator = await chooseAccelerator(room.folder, image.kernel);
}, lastResort);
afterAll(() => {
  head.stop();
  room[Symbol.dispose]();
});

interface Machine {
  readonly name: string;
  readonly state: string;
}
const machines = async (): Promise<readonly Machine[]> =>
  JSON.parse(await head.nightshift('machines', '--json')) as Machine[];
const ready = { timeout: lastResort, interval: 1000 };

test(
  'a PC boots the member system from the network, is let in by its code, runs a task, and needs no code the next night',
  async () => {
    const mac = '52:54:00:00:00:11';
    const pc = room.boot({ mac, firmware: 'bios', memory: 1536 });
    await pc.says('Its code is');
    const code = /Its code is ([A-Z0-9]{4}-[A-Z0-9]{2})/.exec(pc.screen())?.[1] ?? '';
    // It stands on that screen and nowhere at the head: who types it has stood there.
    const listed = await head.nightshift('approve');
    expect(listed).toContain(mac);
    expect(listed).not.toContain(code);
    await expect(head.nightshift('approve', 'AAAA-AA')).rejects.toThrow('no PC waits');
    expect(await head.nightshift('approve', code)).toContain('is let in');
    await expect.poll(machines, ready).toEqual([expect.objectContaining({ state: 'ready' })]);
    expect(await head.nightshift('run', '--', 'uname', '-sm')).toContain('Linux x86_64');
    const { pcs } = JSON.parse(await head.nightshift('netboot', 'status', '--json')) as NetbootView;
    await expect
      .poll(async () => (await head.nightshift('netboot', 'status')).includes('is a member'), {
        ...ready,
      })
      .toBe(true);
    expect(pcs.map((one) => one.mac)).toEqual([mac]);

    // The morning: it is given back and would boot its own disk.
    await head.nightshift('release', '--all');
    await pc.off();
    await head.nightshift('wake', '--all');
    const again = room.boot({ mac, firmware: 'bios', memory: 1536 });
    await expect
      .poll(async () => (await machines()).map(({ state }) => state), ready)
      .toEqual(['ready']);
    expect(again.screen()).not.toContain('Its code is');
    expect(await machines()).toHaveLength(1);
  },
  lastResort,
);

test.each([
  ['UEFI', 'uefi', '52:54:00:00:00:12'],
  ['UEFI and Secure Boot', 'secure-uefi', '52:54:00:00:00:13'],
] as const)(
  'a PC with %s does so, too, by shim and GRUB',
  async (_what, firmware, mac) => {
    await head.nightshift('release', '--all');
    const before = (await machines()).map(({ name }) => name);
    const pc = room.boot({ mac, firmware, memory: 1536 });
    await pc.says('Its code is');
    const code = /Its code is ([A-Z0-9]{4}-[A-Z0-9]{2})/.exec(pc.screen())?.[1] ?? '';
    await head.nightshift('approve', code);
    await expect
      .poll(async () => (await machines()).filter(({ name }) => !before.includes(name)), ready)
      .toEqual([expect.objectContaining({ state: 'ready' })]);
    expect(await head.nightshift('run', '--', 'uname', '-s')).toContain('Linux');
  },
  lastResort,
);
