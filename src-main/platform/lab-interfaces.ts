import { networkInterfaces } from 'node:os';

export interface LabInterface {
  readonly name: string;
  readonly address: string;
}

/** Of this machine, on whatever interface. */
export const isOwnAddress = (wanted: string): boolean =>
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === wanted));

/** Interfaces of VPNs, containers and virtual machines, which lead to no PC of the lab: Linux and Windows names. */
const elsewhere =
  /^(tun|tap|wg|ppp|ipsec|utun|zt|tailscale|docker|br-|virbr|veth|vnet|vmnet|vboxnet|lxc|lxd|cni|flannel|cali|podman)|vEthernet|VirtualBox|VMware|Hyper-V|VPN|WireGuard|Tailscale|ZeroTier/i;

/** The cable to the switch of some practice lab on this machine. */
const practiceCable = /^nsb[0-9a-f]{6}$/;

/**
 * IPv4 addresses that PCs of a lab may be behind: those that look like a lab's, or else every other one. A practice lab
 * has PCs at its own cable only (`ownCable` is its name), and nobody else has any there.
 */
export function labInterfaces(ownCable?: string): readonly LabInterface[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ name, address })),
  );
  if (ownCable !== undefined) return all.filter(({ name }) => name === ownCable);
  const real = all.filter(({ name }) => !practiceCable.test(name));
  const likely = real.filter(({ name }) => !elsewhere.test(name));
  return likely.length > 0 ? likely : real;
}
