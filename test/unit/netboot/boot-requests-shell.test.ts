import { expect, test } from 'vitest';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import { BootRequestsShell } from '../../../src-main/shells/boot-requests-shell.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';

test('the head, which asks the network in its own name what is wrong, is no PC that waits for it', () => {
  const [own, pc] = ['52:54:00:00:00:fe', '52:54:00:00:00:11'] as MacAddress[];
  const requests = new BootRequestsShell({
    clock: new ManualClock(),
    lab: 'Room 12',
    kernelOptions: () => '',
    atOnce: () => 8,
    bootsDisk: () => false,
    isOwn: (mac) => mac === own,
  });
  for (const mac of [own, pc]) {
    if (mac) requests.sight({ t: 'answered', mac, address: null, architecture: 7, offered: true });
  }
  expect(requests.pcs().map(({ mac }) => mac)).toEqual([pc]);
});

test('a PC that is told to boot its own disk does so, though dnsmasq offers it local boot as it offers anything', () => {
  const pc = parseMacAddress('52:54:00:00:00:01') ?? expect.fail();
  const requests = new BootRequestsShell({
    ...{ clock: new ManualClock(), lab: 'Room 12', kernelOptions: () => '', atOnce: () => 8 },
    ...{ bootsDisk: () => true, isOwn: () => false },
  });
  const asked = { t: 'answered', mac: pc, address: null, offered: true } as const;
  requests.sight({ ...asked, architecture: 0 });
  expect(requests.pcs()).toMatchObject([{ mac: pc, firmware: 'bios', stage: 'disk' }]);
  // By day as by night: nothing of ours runs there.
  requests.sight({ ...asked, architecture: 6 });
  expect(requests.unanswered()).toMatchObject([{ mac: pc, firmware: 'other' }]);
});
