import { networkInterfaces } from 'node:os';

export interface LabInterface {
  readonly name: string;
  readonly address: string;
}

/**
 * Interfaces of VPNs, containers and virtual machines, which lead to no PC of the lab: Linux and Windows names.
 * Our own practice bridges (`nsb…`) are wanted.
 */
const elsewhere =
  /^(tun|tap|wg|ppp|ipsec|utun|zt|tailscale|docker|br-|virbr|veth|vnet|vmnet|vboxnet|lxc|lxd|cni|flannel|cali|podman)|vEthernet|VirtualBox|VMware|Hyper-V|VPN|WireGuard|Tailscale|ZeroTier/i;

/** IPv4 addresses that PCs of a lab may be behind: those that look like a lab's, or else every other one. */
export function labInterfaces(): readonly LabInterface[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ name, address })),
  );
  const likely = all.filter(({ name }) => !elsewhere.test(name));
  return likely.length > 0 ? likely : all;
}
