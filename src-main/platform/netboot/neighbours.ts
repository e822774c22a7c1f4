import { readFileSync } from 'node:fs';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';

/** The card behind an address, as this machine's kernel learnt it (`/proc/net/arp`); null when it has not. */
export function neighbourAt(address: string): MacAddress | null {
  try {
    const line = readFileSync('/proc/net/arp', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(`${address} `));
    return parseMacAddress(line?.split(/\s+/)[3] ?? '') ?? null;
  } catch {
    return null;
  }
}
