import { expect, test } from 'vitest';
import {
  broadcastOf,
  homeHosts,
  proxyConfig,
  subnetOf,
} from '../../../src-main/core/netboot/dnsmasq-config.ts';

const wish = {
  interfaces: [{ name: 'eth0', address: '10.77.0.2', netmask: '255.255.255.0' }],
  httpPort: 7414,
  byDay: false,
};
const places = { tftpRoot: '/open/tftp', hostsFile: '/open/home.hosts' };

test('dnsmasq is told to be a proxy beside the lab’s own DHCP server and nothing more', () => {
  expect(proxyConfig(wish, places)).toBe(`\
# Written by the head of a Nightshift lab at every start of network boot; changes are lost.
port=0
bind-dynamic
except-interface=lo
interface=eth0
dhcp-range=10.77.0.0,proxy,255.255.255.0
dhcp-no-override
log-dhcp
enable-tftp
tftp-root=/open/tftp
tftp-max=200
dhcp-hostsfile=/open/home.hosts
dhcp-match=set:bios,option:client-arch,0
dhcp-match=set:uefi,option:client-arch,7
dhcp-match=set:uefi,option:client-arch,9
dhcp-userclass=set:ipxe,iPXE
pxe-service=tag:home,X86PC,"Boot from the disk",0
tag-if=set:deaf,tag:home,tag:uefi
tag-if=set:deaf,tag:!bios,tag:!uefi
dhcp-ignore=tag:deaf
pxe-service=tag:!home,tag:!ipxe,X86PC,"Nightshift",undionly.kpxe
pxe-service=tag:!home,X86-64_EFI,"Nightshift",shimx64.efi
pxe-service=tag:!home,BC_EFI,"Nightshift",shimx64.efi
dhcp-boot=tag:!home,tag:bios,tag:ipxe,tag:eth0,http://10.77.0.2:7414/boot.ipxe,nightshift,10.77.0.2
`);
});

test('by day every PC counts as one that boots its own disk', () => {
  const added = proxyConfig({ ...wish, byDay: true }, places)
    .split('\n')
    .filter((line) => !proxyConfig(wish, places).split('\n').includes(line));
  expect(added).toEqual(['tag-if=set:home']);
});

test('each of two interfaces sends its PCs to its own address', () => {
  const second = { name: 'eth1', address: '192.168.7.9', netmask: '255.255.252.0' };
  const lines = proxyConfig({ ...wish, interfaces: [...wish.interfaces, second] }, places);
  expect(lines).toContain('dhcp-range=192.168.4.0,proxy,255.255.252.0');
  expect(lines).toContain('tag:eth1,http://192.168.7.9:7414/boot.ipxe,nightshift,192.168.7.9');
});

test('a card with addresses in two networks answers in both, and is one card', () => {
  const second = { name: 'eth0', address: '10.42.0.2', netmask: '255.255.255.0' };
  const lines = proxyConfig({ ...wish, interfaces: [...wish.interfaces, second] }, places).split(
    '\n',
  );
  expect(lines.filter((line) => line.startsWith('interface='))).toEqual(['interface=eth0']);
  expect(lines.filter((line) => line.startsWith('dhcp-range='))).toEqual([
    'dhcp-range=10.77.0.0,proxy,255.255.255.0',
    'dhcp-range=10.42.0.0,proxy,255.255.255.0',
  ]);
  expect(lines.filter((line) => line.startsWith('dhcp-boot='))).toEqual([
    expect.stringContaining('http://10.77.0.2:7414/'),
  ]);
});

test('PCs that were given back are listed by their cards', () => {
  expect(homeHosts(['52:54:00:00:00:01', '52:54:00:00:00:02'])).toBe(
    '52:54:00:00:00:01,set:home\n52:54:00:00:00:02,set:home\n',
  );
});

test.each([
  ['10.77.3.2', '255.255.255.0', '10.77.3.0', '10.77.3.255'],
  ['172.16.200.9', '255.255.240.0', '172.16.192.0', '172.16.207.255'],
  ['192.168.1.130', '255.255.255.128', '192.168.1.128', '192.168.1.255'],
])('%s with %s lies in %s, which is called at %s', (address, netmask, subnet, broadcast) => {
  expect(subnetOf(address, netmask)).toBe(subnet);
  expect(broadcastOf(address, netmask)).toBe(broadcast);
});
