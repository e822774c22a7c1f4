import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BootFinding } from '../../shared/api/netboot-views.ts';
import { chooseAccelerator } from '../../src-main/platform/practice/vm/accelerator.ts';
import type { Accelerator } from '../../src-main/platform/practice/vm/qemu-command.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import { encodeDiscover } from '../../src-main/core/netboot/dhcp-packet.ts';
import { NetbootRoom, useIpxe } from './netboot/room.ts';
import { removeStandIn, standIn, standInSays } from './netboot/stand-in.ts';

// Real firmware, real dnsmasq on both sides, real packets, in namespaces of their own.

/** A state that comes sooner or later, on a machine with whatever load. */
const patient = { timeout: 600_000 };

let room: NetbootRoom;
let accelerator: Accelerator;
beforeAll(async () => {
  const { ipxe, kernel } = await standIn();
  useIpxe(ipxe);
  const probed = mkdtempSync(join(tmpdir(), 'nightshift-accelerator-'));
  accelerator = await chooseAccelerator(probed, kernel);
  rmSync(probed, { recursive: true });
});
afterAll(removeStandIn);
beforeEach(() => {
  room = new NetbootRoom();
  room.accelerator = accelerator;
});
afterEach(() => room[Symbol.dispose]());

test('a PC whose card knows nothing but PXE fetches iPXE by TFTP first', async () => {
  await room.startDhcp();
  const head = await room.startHead();
  await head.switchOn();
  const pc = room.boot({ mac: '52:54:00:00:00:02', firmware: 'plain-bios' });
  await pc.says(standInSays);
  expect(head.stagesOf('52:54:00:00:00:02')).toContain('first-stage');
});

test('a PC with UEFI and Secure Boot boots by shim and signed GRUB', async () => {
  await room.startDhcp();
  const head = await room.startHead();
  await head.switchOn();
  const pc = room.boot({ mac: '52:54:00:00:00:03', firmware: 'secure-uefi' });
  await pc.says(standInSays);
  expect(pc.screen()).toContain('[head at 10.77.0.2]');
  await expect
    .poll(() => head.stagesOf('52:54:00:00:00:03'), patient)
    .toEqual(['discovered', 'first-stage', 'kernel', 'image', 'started']);
});

test('by day a PC that starts from the network boots its own disk', async () => {
  await room.startDhcp();
  const head = await room.startHead();
  // The test's clock says noon.
  expect((await head.switchOn('18:00-07:30')).answer).toBe('disk');
  const pc = room.boot({ mac: '52:54:00:00:00:04', firmware: 'bios' });
  await pc.says('THE DISK BOOTS');
  expect(pc.screen()).not.toContain('boot.ipxe');
});

test('a PC with SeaBIOS that was given back tonight boots its own disk, and once it is woken the lab, beside a DHCP server that knows nothing of us', async () => {
  const mac = '52:54:00:00:00:05';
  await room.startDhcp();
  const head = await room.startHead();
  await head.switchOn();
  await head.ask({ do: 'released', mac });
  const pc = room.boot({ mac, firmware: 'bios' });
  await pc.says('THE DISK BOOTS');
  await pc.off();
  await head.ask({ do: 'wake', mac });
  const again = room.boot({ mac, firmware: 'bios' });
  await again.says(standInSays);
  expect(again.screen()).toContain('[head at 10.77.0.2]');
  await expect
    .poll(() => head.stagesOf(mac).slice(-4), patient)
    .toEqual(['discovered', 'kernel', 'image', 'started']);
});

test('where one PC may fetch at a time, the next waits for its turn, which comes though the first was switched off', async () => {
  await room.startDhcp();
  const head = await room.startHead({ atOnce: 1 });
  await head.switchOn();
  // A PC that got its script and fetches nothing: it was switched off.
  const url = 'http://10.77.0.2:7414/pc/52-54-00-00-00-aa/boot.ipxe';
  await room.perform('campus', [process.execPath, '-e', `fetch('${url}')`]);
  const pc = room.boot({ mac: '52:54:00:00:00:06', firmware: 'bios' });
  await pc.says('waiting for a turn');
  await pc.says(standInSays);
  expect(head.stagesOf('52:54:00:00:00:06')).toContain('waiting');
});

test('netboot diagnose tells apart no DHCP, a second boot server and blocked TFTP', async () => {
  const head = await room.startHead();
  await head.switchOn();
  expect(faults(await head.diagnose())).toEqual([
    expect.stringContaining('no DHCP server answers on eth0 (10.77.0.2)'),
  ]);

  await room.startDhcp();
  expect(faults(await head.diagnose())).toEqual([]);

  room.network.add('rival', '10.77.0.9');
  const rival = await room.startDnsmasq('rival', [
    '--dhcp-range=10.77.0.0,proxy,255.255.255.0',
    '--pxe-service=X86PC,Rival,pxelinux.0',
    '--pxe-service=X86-64_EFI,Rival,rival.efi',
  ]);
  expect(faults(await head.diagnose())).toEqual([
    expect.stringContaining('a second network-boot server (proxyDHCP) answers at 10.77.0.9'),
  ]);
  rival.kill('SIGKILL');

  // A firewall on this machine that lets no TFTP in.
  await room.perform('head', [
    'nft',
    'add table ip t; add chain ip t in { type filter hook input priority 0; }; add rule ip t in udp dport 69 drop',
  ]);
  expect(faults(await head.diagnose())).toEqual([
    expect.stringContaining('TFTP is blocked: no answer from 10.77.0.2, port 69'),
  ]);
});

test('a DHCP server that names a boot file of its own is found out', async () => {
  await room.startDhcp(['--dhcp-boot=pxelinux.0,old,10.77.0.1']);
  const head = await room.startHead();
  await head.switchOn();
  expect(faults(await head.diagnose())).toEqual([
    expect.stringContaining(
      'the DHCP server 10.77.0.1 itself tells PCs what to boot (pxelinux.0 from 10.77.0.1)',
    ),
  ]);
});

test('dnsmasq ends with a head that is killed, and a head that is back starts it again', async () => {
  const head = await room.startHead();
  await head.switchOn();
  head.kill();
  await expect.poll(() => room.dnsmasqOn('head'), patient).toEqual([]);
  const again = await room.startHead();
  await expect.poll(() => again.status()?.httpPort, patient).toBe(7414);
  expect(room.dnsmasqOn('head')).toHaveLength(1);
  await again.ask({ do: 'off' });
  expect(room.dnsmasqOn('head')).toEqual([]);
});

test('dnsmasq that dies by itself is started again', async () => {
  const head = await room.startHead();
  await head.switchOn();
  const [pid] = room.dnsmasqOn('head');
  process.kill(pid ?? 0, 'SIGKILL');
  await expect.poll(() => head.status()?.problem, patient).toContain('dnsmasq ended');
  await expect.poll(() => room.dnsmasqOn('head').length, patient).toBe(1);
  await expect.poll(() => head.status()?.problem, patient).toBeNull();
});

test('a PC that asks for HTTP boot is in the list and in the diagnosis, though dnsmasq passes over it', async () => {
  const mac = '52:54:00:00:00:08' as MacAddress;
  await room.startDhcp();
  const head = await room.startHead();
  await head.switchOn();
  const asks = encodeDiscover({
    transaction: 1,
    mac,
    architecture: 16,
    machine: Array(16).fill(1),
  });
  const question = Buffer.from(asks)
    .toString('latin1')
    .replace('PXEClient:Arch:00016:UNDI:002001', 'HTTPClient:Arch:00016:UNDI:00300');
  const hex = Buffer.from(question, 'latin1').toString('hex');
  const says = `const s = require('dgram').createSocket('udp4'); s.bind(68, () => { s.setBroadcast(true);
    s.send(Buffer.from('${hex}', 'hex'), 67, '10.77.0.255', () => s.close()); })`;
  await room.perform('campus', [process.execPath, '-e', says]);
  await expect
    .poll(() => head.status()?.pcs, patient)
    .toMatchObject([{ mac, firmware: 'uefi-http', stage: 'unanswered' }]);
  expect(faults(await head.diagnose())).toEqual([
    expect.stringContaining('1 PC asked and got no answer (52:54:00:00:00:08)'),
  ]);
});

test('a magic packet goes out to every PC of the network', async () => {
  const head = await room.startHead();
  room.network.add('asleep');
  const ear = room.start([
    ...room.network.on('asleep'),
    ...['tcpdump', '--immediate-mode', '-l', '-x', '-c', '1', '-i', 'eth0', 'udp port 9'],
  ]);
  let heard = '';
  let ready = '';
  ear.stdout?.on('data', (piece: Buffer) => (heard += piece.toString()));
  ear.stderr?.on('data', (piece: Buffer) => (ready += piece.toString()));
  await expect.poll(() => ready, patient).toContain('listening on');
  await head.ask({ do: 'wake', mac: '52:54:00:00:00:07' });
  await expect
    .poll(() => heard.replaceAll(/\s|0x[0-9a-f]{4}:/g, ''), patient)
    .toContain('ffffffffffff' + '525400000007'.repeat(16));
});

function faults(findings: readonly BootFinding[]): readonly string[] {
  return findings.filter(({ ok }) => !ok).map(({ found }) => found);
}
