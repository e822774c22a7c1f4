import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * card: hardware, or what stands upon it (bridge, bond, VLAN). radio: the same without a cable. tunnel: leads from here to one
 * other end. loose: a bridge that no card is a port of, as containers and virtual machines have them. unknown: the system
 * does not say, or it is a virtual cable, as a machine in a container has.
 */
export type InterfaceKind = 'card' | 'radio' | 'tunnel' | 'loose' | 'unknown';

const ethernet = '1'; // ARPHRD_ETHER
const pointToPoint = 0x10; // IFF_POINTOPOINT
/** What may stand upon a card and lead where it leads, by `DEVTYPE`; a team says none. */
const stacked: readonly string[] = ['bridge', 'bond', 'vlan', 'macvlan', 'ipvlan', 'team', ''];

const guests = /^(veth|vnet|tap|fwpr|fwln|lxc|cali|nsb)/;

/** Linux says what each is in `/sys/class/net`. */
export function interfaceKind(name: string, sys = '/sys/class/net'): InterfaceKind {
  return kindAt(join(sys, name), sys, 0);
}

function kindAt(place: string, sys: string, depth: number): InterfaceKind {
  if (depth > 4 || !existsSync(place)) return 'unknown';
  const read = (file: string): string => textOf(join(place, file));
  if (read('type') !== ethernet || (Number(read('flags')) & pointToPoint) !== 0) return 'tunnel';
  const isKind = /^DEVTYPE=(.*)$/m.exec(read('uevent'))?.[1] ?? '';
  if (isKind === 'wwan' || existsSync(join(place, 'tun_flags'))) return 'tunnel';
  if (existsSync(join(place, 'device'))) {
    return existsSync(join(place, 'wireless')) || existsSync(join(place, 'phy80211'))
      ? 'radio'
      : 'card';
  }
  const below = namesIn(place).flatMap((entry) => /^lower_(.+)$/.exec(entry)?.[1] ?? []);
  const kinds = below.map((lower) => kindAt(join(sys, lower), sys, depth + 1));
  if (stacked.includes(isKind)) {
    if (kinds.includes('card')) return 'card';
    if (kinds.includes('radio')) return 'radio';
  } else if (below.length > 0) return 'tunnel'; // VXLAN, GENEVE, MACsec …
  if (!existsSync(join(place, 'bridge'))) return 'unknown';
  // Cables to containers and virtual machines are no way out; of another virtual port nobody knows.
  const mayLeadOut = below.some((lower, at) => kinds[at] === 'unknown' && !guests.test(lower));
  return mayLeadOut ? 'unknown' : 'loose';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
