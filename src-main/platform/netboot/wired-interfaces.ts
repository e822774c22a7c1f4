import { networkInterfaces } from 'node:os';
import type { ProxyInterface } from '../../../shared/ports/netboot.ts';

/** The lab interfaces with their netmasks; an address of an alias (`eth0:1`) counts as its card's. */
export function withNetmasks(
  lab: readonly { readonly name: string; readonly address: string }[],
): readonly ProxyInterface[] {
  const all = networkInterfaces();
  const found = lab.flatMap(({ name, address }) => {
    const netmask = all[name]?.find((one) => one.address === address)?.netmask;
    return netmask === undefined ? [] : [{ name: name.split(':', 1)[0] ?? name, address, netmask }];
  });
  return [...new Map(found.map((one) => [one.name, one])).values()];
}
