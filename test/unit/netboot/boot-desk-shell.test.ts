import { expect, test } from 'vitest';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import { BootDeskShell } from '../../../src-main/shells/boot-desk-shell.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';

test('the head, which asks the network in its own name what is wrong, is no PC that waits for it', () => {
  const [own, pc] = ['52:54:00:00:00:fe', '52:54:00:00:00:11'] as MacAddress[];
  const desk = new BootDeskShell({
    clock: new ManualClock(),
    lab: 'Room 12',
    kernelOptions: () => '',
    atOnce: () => 8,
    bootsDisk: () => false,
    isOwn: (mac) => mac === own,
  });
  for (const mac of [own, pc]) {
    if (mac) desk.sight({ t: 'answered', mac, address: null, architecture: 7, offered: true });
  }
  expect(desk.pcs().map(({ mac }) => mac)).toEqual([pc]);
});

test('a PC that is told to boot its own disk does so, though dnsmasq offers it local boot as it offers anything', () => {
  const pc = parseMacAddress('52:54:00:00:00:01') ?? expect.fail();
  const desk = new BootDeskShell({
    ...{ clock: new ManualClock(), lab: 'Room 12', kernelOptions: () => '', atOnce: () => 8 },
    ...{ bootsDisk: () => true, isOwn: () => false },
  });
  const asked = { t: 'answered', mac: pc, address: null, offered: true } as const;
  desk.sight({ ...asked, architecture: 0 });
  expect(desk.pcs()).toMatchObject([{ mac: pc, firmware: 'bios', stage: 'disk' }]);
  // By day as by night: nothing of ours runs there.
  desk.sight({ ...asked, architecture: 6 });
  expect(desk.unanswered()).toMatchObject([{ mac: pc, firmware: 'other' }]);
});
