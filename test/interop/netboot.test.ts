import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { NetbootRoom, useIpxe } from './netboot/room.ts';
import { standIn, standInSays } from './netboot/stand-in.ts';

let room: NetbootRoom;
beforeAll(async () => useIpxe((await standIn()).ipxe));
beforeEach(() => {
  room = new NetbootRoom();
});
afterEach(() => room[Symbol.dispose]());

const toTheEnd = ['discovered', 'kernel', 'image', 'started'];

test('a PC with SeaBIOS boots from the network beside a DHCP server that knows nothing of us', async () => {
  await room.startDhcp();
  const head = await room.startHead();
  await head.switchOn();
  const pc = room.boot({ mac: '52:54:00:00:00:01', firmware: 'bios' });
  await pc.says(standInSays);
  expect(pc.screen()).toContain('[head at 10.77.0.2]');
  await expect.poll(() => head.stagesOf('52:54:00:00:00:01')).toEqual(toTheEnd);
});

test('a PC whose card knows nothing but PXE fetches iPXE by TFTP first', async () => {
  await room.startDhcp();
  const head = await room.startHead();
  await head.switchOn();
  const pc = room.boot({ mac: '52:54:00:00:00:02', firmware: 'plain-bios' });
  await pc.says(standInSays);
  expect(head.stagesOf('52:54:00:00:00:02')).toContain('first-stage');
});

test('a PC with UEFI boots by shim and signed GRUB', async () => {
  await room.startDhcp();
  const head = await room.startHead();
  await head.switchOn();
  const pc = room.boot({ mac: '52:54:00:00:00:03', firmware: 'uefi' });
  await pc.says(standInSays);
  expect(pc.screen()).toContain('[head at 10.77.0.2]');
  await expect
    .poll(() => head.stagesOf('52:54:00:00:00:03'))
    .toEqual(['discovered', 'first-stage', 'kernel', 'image', 'started']);
});
