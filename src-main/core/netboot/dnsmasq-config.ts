import { ipxeEntrance, type ProxyInterface, type ProxyPlaces } from '../../ports/netboot.ts';
import { biosArchitecture, uefiArchitectures } from './client-architecture.ts';

/** Names of the first stage below the TFTP root. Shim looks for its second stage beside itself, by this very name. */
export const firstStage = {
  bios: 'undionly.kpxe',
  uefi: 'shimx64.efi',
  uefiSecond: 'grubx64.efi',
  grubConfig: 'grub/grub.cfg',
} as const;

export interface ProxyWish {
  readonly interfaces: readonly ProxyInterface[];
  readonly httpPort: number;
  /** Every PC shall boot its own disk. */
  readonly byDay: boolean;
}

/**
 * proxyDHCP: beside the lab's own DHCP server, which knows nothing of us and goes on giving out the addresses, dnsmasq
 * tells PCs that boot from the network what to fetch. Directives: dnsmasq(8).
 */
export function proxyConfig(wish: ProxyWish, { tftpRoot, hostsFile }: ProxyPlaces): string {
  const { interfaces, httpPort, byDay } = wish;
  // A card with addresses in two networks is one card; iPXE goes to the first of them.
  const cards = [
    ...new Map(interfaces.toReversed().map((one) => [one.name, one])).values(),
  ].reverse();
  const lines = [
    '# Written by the head of a Nightshift lab at every start of network boot; changes are lost.',
    'port=0', // no DNS
    'bind-dynamic',
    'except-interface=lo',
    ...cards.map(({ name }) => `interface=${name}`),
    ...interfaces.map(
      ({ address, netmask }) => `dhcp-range=${subnetOf(address, netmask)},proxy,${netmask}`,
    ),
    'dhcp-no-override', // boot server and file in their own fields: old firmware reads nothing else
    'log-dhcp', // where each PC's progress is read from
    'enable-tftp',
    `tftp-root=${tftpRoot}`,
    'tftp-max=200',
    `dhcp-hostsfile=${hostsFile}`,

    `dhcp-match=set:bios,option:client-arch,${biosArchitecture}`,
    ...uefiArchitectures.map((number) => `dhcp-match=set:uefi,option:client-arch,${number}`),
    'dhcp-userclass=set:ipxe,iPXE',
    ...(byDay ? ['tag-if=set:home'] : []),

    // A PC that is to boot its disk: BIOS is told so by boot service 0, "local boot" (PXE 2.1 table 2-3), which ends its
    // waiting at once. UEFI gets no answer at all: shim, once it has run, is measured into PCR 7, and BitLocker then
    // asks for its recovery key.
    'pxe-service=tag:home,X86PC,"Boot from the disk",0',
    'tag-if=set:deaf,tag:home,tag:uefi',
    // What is neither runs nothing of ours: no answer at all, so that its firmware goes on at once.
    'tag-if=set:deaf,tag:!bios,tag:!uefi',
    'dhcp-ignore=tag:deaf',

    `pxe-service=tag:!home,tag:!ipxe,X86PC,"Nightshift",${firstStage.bios}`,
    // DHCP cannot tell whether Secure Boot is on, so UEFI always gets shim, an iPXE in the card's ROM too.
    `pxe-service=tag:!home,X86-64_EFI,"Nightshift",${firstStage.uefi}`,
    `pxe-service=tag:!home,BC_EFI,"Nightshift",${firstStage.uefi}`,
    // iPXE passes over a proxy's answer without a boot server's address, though the URL has one.
    ...cards.map(
      ({ name, address }) =>
        `dhcp-boot=tag:!home,tag:bios,tag:ipxe,tag:${name},http://${address}:${httpPort}${ipxeEntrance},nightshift,${address}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** PCs that boot their own disk for the rest of the night: they were given back. */
export const homeHosts = (macs: readonly string[]): string =>
  macs.map((mac) => `${mac},set:home\n`).join('');

export function subnetOf(address: string, netmask: string): string {
  const mask = netmask.split('.').map(Number);
  return address
    .split('.')
    .map((part, index) => Number(part) & (mask[index] ?? 0))
    .join('.');
}

export function broadcastOf(address: string, netmask: string): string {
  const mask = netmask.split('.').map(Number);
  return address
    .split('.')
    .map((part, index) => (Number(part) & (mask[index] ?? 0)) | (255 - (mask[index] ?? 0)))
    .join('.');
}
