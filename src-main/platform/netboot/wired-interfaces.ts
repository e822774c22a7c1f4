import { networkInterfaces } from 'node:os';
import type { ProxyInterface } from '../../ports/netboot.ts';
import { cardOf, hasNeighbours, isUsable, type LabInterface } from '../discovery/lab-interfaces.ts';

/**
 * The lab interfaces with their netmasks, every network that a card has an address in, once; an address of an alias (`eth0:1`)
 * is its card's. Those that are only good for ourselves (/32) call nobody; what a card gave itself counts where there is
 * nothing better.
 */
export function withNetmasks(
  lab: readonly LabInterface[],
  all: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): readonly ProxyInterface[] {
  const found = lab.flatMap(({ name, address }) => {
    const netmask = all[name]?.find((one) => one.address === address)?.netmask;
    return netmask === undefined ? [] : [{ name: cardOf(name), address, netmask }];
  });
  const usable = found.filter(isUsable);
  const wanted = usable.length > 0 ? usable : found.filter(hasNeighbours);
  const once = new Map<string, ProxyInterface>();
  for (const one of wanted) {
    const network = `${one.name} ${networkOf(one)}`;
    if (!once.has(network)) once.set(network, one);
  }
  return [...once.values()];
}

function networkOf({ address, netmask }: ProxyInterface): string {
  const mask = netmask.split('.').map(Number);
  const parts = address.split('.').map((part, index) => Number(part) & (mask[index] ?? 0));
  return `${parts.join('.')}/${netmask}`;
}
