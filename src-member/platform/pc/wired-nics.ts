import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { NicSight } from '../../ports/head-client.ts';

const folder = '/sys/class/net';
const notWired = /^(lo$|tun|tap|wg|ppp|docker|br-|virbr|sit|ip6tnl|dummy)/;

/** Every wired card, with or without cable and address. */
export function wiredNics(): readonly NicSight[] {
  const addresses = networkInterfaces();
  return interfaceNames(addresses)
    .filter((name) => !notWired.test(name))
    .map((name) => ({
      name,
      link: hasCarrier(name, name in addresses),
      address:
        addresses[name]?.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ??
        null,
    }));
}

function interfaceNames(addresses: object): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return Object.keys(addresses); // no /sys: at least those that have an address
  }
}

/** Reading `carrier` fails with EINVAL while the interface is down. */
function hasCarrier(name: string, hasAddress: boolean): boolean {
  try {
    return readFileSync(join(folder, name, 'carrier'), 'utf8').trim() === '1';
  } catch {
    return hasAddress;
  }
}
