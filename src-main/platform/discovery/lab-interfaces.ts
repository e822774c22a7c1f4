import { networkInterfaces } from 'node:os';
import type { InterfaceKind } from './interface-kind.ts';
import { KnownKinds } from './known-kinds.ts';

export interface LabInterface {
  readonly name: string;
  readonly address: string;
}

/** Of this machine. */
const kindsHere = new KnownKinds();

/** Of this machine, on whatever interface. */
export const isOwnAddress = (wanted: string): boolean =>
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === wanted));

/**
 * Interfaces of VPNs, containers and virtual machines, which lead to no PC of the lab: Linux and Windows names. They decide
 * only where the system does not say what an interface is.
 */
const elsewhere =
  /^(tun|tap|wg|ppp|ipsec|utun|zt|tailscale|nordlynx|cscotun|proton|mullvad|docker|br-[0-9a-f]{12}$|virbr|veth|vnet|vmnet|vboxnet|lxc|lxd|incus|hassio|cni|flannel|cali|podman|kube|nerdctl|vxlan|gre|sit|dummy|ifb)|vEthernet|VirtualBox|VMware|Hyper-V|VPN|WireGuard|Tailscale|ZeroTier/i;

/** The cable to the switch of some practice lab on this machine. */
const practiceCable = /^nsb[0-9a-f]{6}$/;

interface Seen extends LabInterface {
  readonly netmask: string;
}

export interface LabInterfacesLeftOut {
  readonly taken: readonly LabInterface[];
  /** Others with an address, none of which leads to PCs of the lab. */
  readonly leftOut: readonly LabInterface[];
}

/**
 * IPv4 addresses that PCs of a lab may be behind, those that PCs can use first: by what the interfaces are, a card or
 * something that stands upon one, or else those that may be, or else every other one. A practice lab has PCs at its own cable
 * only (`ownCable` is its name), and nobody else has any there.
 */
export function labInterfaces(
  ownCable?: string,
  seen: ReturnType<typeof networkInterfaces> = networkInterfaces(),
  kindOf: (name: string) => InterfaceKind = kindsHere.of,
): readonly LabInterface[] {
  return sortInterfaces(ownCable, seen, kindOf).taken;
}

/** From this likelihood on nothing says that PCs of the lab are there: tunnels, bridges of guests. */
const leadsElsewhere = 2;

export function sortInterfaces(
  ownCable?: string,
  seen: ReturnType<typeof networkInterfaces> = networkInterfaces(),
  kindOf: (name: string) => InterfaceKind = kindsHere.of,
): LabInterfacesLeftOut {
  const all = Object.entries(seen).flatMap(([name, addresses]): readonly Seen[] =>
    (addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address, netmask }) => ({ name, address, netmask })),
  );
  const plain = (found: readonly Seen[]): readonly LabInterface[] =>
    found.map(({ name, address }) => ({ name, address }));
  if (ownCable !== undefined) {
    const own = all.filter(({ name }) => name === ownCable);
    return { taken: plain(own), leftOut: [] };
  }
  const real = all.filter(({ name }) => !practiceCable.test(name));
  const likelihood = (one: Seen): number => {
    const kind = kindOf(cardOf(one.name));
    const isOdd = elsewhere.test(one.name);
    const unknown = isOdd ? leadsElsewhere : 1;
    const byKind = { card: 0, radio: 0, unknown, tunnel: leadsElsewhere + 1 };
    return kind === 'loose' ? leadsElsewhere + Number(isOdd) : byKind[kind];
  };
  // An address that nobody else can use does not make a card the lab's: a PC's own management processor has such.
  // But what leads elsewhere is no better for having one: then the lab's card has not got any yet.
  const usable = real.filter((one) => isUsable(one) && likelihood(one) < leadsElsewhere);
  const best = Math.min(...(usable.length > 0 ? usable : real).map(likelihood));
  const taken = real
    .filter((one) => likelihood(one) === best)
    .toSorted(
      (a, b) =>
        Number(isUsable(b)) - Number(isUsable(a)) ||
        Number(kindOf(cardOf(a.name)) === 'radio') - Number(kindOf(cardOf(b.name)) === 'radio'),
    );
  return { taken: plain(taken), leftOut: plain(real.filter((one) => !taken.includes(one))) };
}

/** An alias (`eth0:1`) is its card's. */
export const cardOf = (name: string): string => name.split(':', 1)[0] ?? name;

/** Not only for ourselves (/32, /31), and not what a card gives itself where there is no DHCP (RFC 3927). */
export const isUsable = (one: { readonly address: string; readonly netmask: string }): boolean =>
  !one.address.startsWith('169.254.') && hasNeighbours(one);

/** More than one other end. */
export const hasNeighbours = ({ netmask }: { readonly netmask: string }): boolean =>
  !/^255\.255\.255\.25[45]$/.test(netmask);
