import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { networkInterfaces } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { announcedName } from '../../../src-main/platform/discovery/announcer.ts';
import {
  interfaceKind,
  type InterfaceKind,
} from '../../../src-main/platform/discovery/interface-kind.ts';
import {
  labInterfaces,
  sortInterfaces,
} from '../../../src-main/platform/discovery/lab-interfaces.ts';
import { withNetmasks } from '../../../src-main/platform/netboot/wired-interfaces.ts';

type Seen = ReturnType<typeof networkInterfaces>;
const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

interface Shape {
  readonly type?: string;
  readonly flags?: string;
  readonly kind?: string;
  /** Files and folders that are there. */
  readonly has?: readonly string[];
  readonly upon?: readonly string[];
}
const card: Shape = { has: ['device'] };

/** Interfaces as Linux shows them below /sys/class/net. */
function linux(all: Readonly<Record<string, Shape>>): (name: string) => InterfaceKind {
  const sys = mkdtempSync(join(tmpdir(), 'nightshift-net-'));
  made.push(sys);
  for (const [name, { type = '1', flags = '0x1003', kind, has = [], upon = [] }] of Object.entries(
    all,
  )) {
    mkdirSync(join(sys, name));
    writeFileSync(join(sys, name, 'type'), `${type}\n`);
    writeFileSync(join(sys, name, 'flags'), `${flags}\n`);
    const uevent = `${kind === undefined ? '' : `DEVTYPE=${kind}\n`}INTERFACE=${name}\n`;
    writeFileSync(join(sys, name, 'uevent'), uevent);
    for (const entry of [...has, ...upon.map((lower) => `lower_${lower}`)]) {
      mkdirSync(join(sys, name, entry));
    }
  }
  return (name) => interfaceKind(name, sys);
}

const netmasks: Readonly<Record<string, string>> = {
  32: '255.255.255.255',
  31: '255.255.255.254',
  24: '255.255.255.0',
  16: '255.255.0.0',
};
/** `10.0.0.2/24`, one or more a card. */
function seen(all: Readonly<Record<string, readonly string[]>>): Seen {
  return Object.fromEntries(
    Object.entries(all).map(([name, addresses]) => [
      name,
      addresses.map((text) => {
        const [address = '', bits = '24'] = text.split('/');
        const netmask = netmasks[bits] ?? '';
        return { address, netmask, family: 'IPv4' as const, mac: '', internal: false, cidr: text };
      }),
    ]),
  );
}
const names = (found: readonly { readonly name: string }[]): readonly string[] =>
  found.map(({ name }) => name);

/**
 * Kinds of interfaces: cards, radio, bridges with and without a card, VLANs, bonds, VPNs by name and by what they are, containers'
 * and virtual machines' bridges, modems, a management processor, a head that is itself in a container.
 */
describe('what leads to the lab', () => {
  test('is the card, not the management processor, VPNs nor bridges of containers', () => {
    const addresses = seen({
      idrac: ['169.254.1.2/24'],
      eno1: ['10.0.0.2/24'],
      nordlynx: ['10.5.0.2/16'],
      cscotun0: ['172.20.0.9/32'],
      incusbr0: ['10.66.0.1/24'],
      hassio: ['172.30.32.1/24'],
      docker0: ['172.17.0.1/16'],
      virbr0: ['192.168.122.1/24'],
      wwan0: ['10.120.0.5/24'],
      vxlan7: ['10.99.0.1/24'],
    });
    const kinds = linux({
      idrac: card,
      eno1: card,
      nordlynx: { type: '65534', flags: '0x10d1', kind: 'wireguard' },
      cscotun0: { type: '65534', flags: '0x10d1', has: ['tun_flags'] },
      incusbr0: { kind: 'bridge', has: ['bridge'] },
      hassio: { kind: 'bridge', has: ['bridge'], upon: ['veth12ab'] },
      docker0: { kind: 'bridge', has: ['bridge'], upon: ['veth34cd'] },
      virbr0: { kind: 'bridge', has: ['bridge'], upon: ['vnet3'] },
      veth12ab: {},
      veth34cd: {},
      vnet3: { has: ['tun_flags'] },
      wwan0: { kind: 'wwan', has: ['device'] },
      vxlan7: { kind: 'vxlan', upon: ['eno1'] },
    });
    const { taken, leftOut } = sortInterfaces(undefined, addresses, kinds);
    // The processor's own cable may be plugged in, too; PCs are told of the other first.
    expect(names(taken)).toEqual(['eno1', 'idrac']);
    expect(names(leftOut)).toContain('nordlynx');
    expect(withNetmasks(taken, addresses)).toEqual([
      { name: 'eno1', address: '10.0.0.2', netmask: '255.255.255.0' },
    ]);
    // Where the system says nothing, as on Windows or in a container, names do.
    expect(names(labInterfaces(undefined, addresses, () => 'unknown'))).toEqual([
      ...['eno1', 'wwan0', 'idrac'],
    ]);
  });

  test('is whatever stands upon a card, and radio after cables', () => {
    const addresses = seen({
      wlan0: ['10.0.3.2/24'],
      'br-lan': ['10.0.0.2/24'],
      bond0: ['10.0.1.2/24'],
      'bond0.12': ['10.0.2.2/24'],
    });
    const kinds = linux({
      wlan0: { kind: 'wlan', has: ['device', 'wireless'] },
      eth0: card,
      eth1: card,
      'br-lan': { kind: 'bridge', has: ['bridge'], upon: ['eth0', 'veth1'] },
      veth1: {},
      bond0: { kind: 'bond', upon: ['eth1'] },
      'bond0.12': { kind: 'vlan', upon: ['bond0'] },
    });
    expect(names(labInterfaces(undefined, addresses, kinds))).toEqual([
      ...['br-lan', 'bond0', 'bond0.12', 'wlan0'],
    ]);
  });

  test('is the only cable of a head in a container, and its own address where there is no DHCP', () => {
    const container = seen({ eth0: ['172.17.0.5/16'] });
    expect(names(labInterfaces(undefined, container, linux({ eth0: {} })))).toEqual(['eth0']);
    const alone = seen({ eth0: ['169.254.7.7/16'] });
    expect(names(labInterfaces(undefined, alone, linux({ eth0: card })))).toEqual(['eth0']);
    expect(withNetmasks([{ name: 'eth0', address: '169.254.7.7' }], alone)).toHaveLength(1);
  });

  test('is the lab’s card even before it has an address that is good for something, and no tunnel that has one', () => {
    const kinds = linux({ eno1: card, wg0: { type: '65534' }, docker0: { kind: 'bridge' } });
    const without = seen({
      ...{ wg0: ['10.8.0.2/24'], docker0: ['172.17.0.1/16'], eno1: ['169.254.9.9/16'] },
    });
    expect(names(labInterfaces(undefined, without, kinds))).toEqual(['eno1']);
    const vpnOnly = seen({ wg0: ['10.8.0.2/24'] });
    expect(names(labInterfaces(undefined, vpnOnly, kinds))).toEqual(['wg0']);
  });

  test('is for a practice lab its own cable and nothing else', () => {
    const addresses = seen({ nsb012abc: ['10.200.0.1/24'], eno1: ['10.0.0.2/24'] });
    expect(names(labInterfaces('nsb012abc', addresses))).toEqual(['nsb012abc']);
    expect(names(labInterfaces(undefined, addresses))).toEqual(['eno1']);
  });
});

test('a lab of whatever name can be announced', () => {
  const long = '教'.repeat(90);
  expect(announcedName('Room 12')).toBe('Room 12');
  expect(Buffer.byteLength(`lab=${announcedName(long)}`)).toBeLessThanOrEqual(255);
  expect(long.startsWith(announcedName(long))).toBe(true);
  expect(announcedName('😀'.repeat(60)).endsWith('😀')).toBe(true);
});

describe('a card with several addresses', () => {
  const at = (...addresses: readonly string[]): readonly string[] => {
    const all = seen({ eno1: addresses });
    const lab = labInterfaces(undefined, all, () => 'card');
    return withNetmasks(lab, all).map(({ address }) => address);
  };

  test.each([
    [
      'has its neighbours, whatever it has for itself',
      ['10.0.0.2/24', '10.0.0.50/32'],
      ['10.0.0.2'],
    ],
    ['in any order', ['10.0.0.50/32', '10.0.0.2/24'], ['10.0.0.2']],
    ['counts in every network', ['10.0.0.2/24', '10.42.0.2/24'], ['10.0.0.2', '10.42.0.2']],
    ['counts once in each', ['10.0.0.2/24', '10.0.0.3/24'], ['10.0.0.2']],
    ['and one that it gave itself', ['169.254.3.4/16', '10.0.0.2/24'], ['10.0.0.2']],
    ['calls nobody where nobody is', ['10.0.0.50/32', '10.0.0.4/31'], []],
  ])('%s', (_what, addresses, expected) => {
    expect(at(...addresses)).toEqual(expected);
  });

  test('by its alias is the same card', () => {
    const all = seen({ 'eth0:1': ['10.42.0.2/24'], eth0: ['10.0.0.2/24'] });
    const lab = labInterfaces(undefined, all, () => 'card');
    expect(withNetmasks(lab, all).map(({ name }) => name)).toEqual(['eth0', 'eth0']);
  });
});
