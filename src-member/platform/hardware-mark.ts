import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** Serial numbers are for root's eyes only, and none of them goes over the network but in this digest. */
const numbers = ['product_uuid', 'product_serial', 'board_serial', 'chassis_serial', 'bios_date'];

/**
 * By this a PC that was let in once is known again, SHA-256 in hex: what its mainboard says of itself, and all of its
 * cards. It is no secret as a key is, but nobody on the network sees what it is made of.
 */
export function hardwareMark(): string {
  const hash = createHash('sha256');
  for (const name of numbers) hash.update(`${name}=${dmi(name)}\n`);
  const cards = Object.entries(networkInterfaces())
    .filter(([name]) => /^(eth|en)/.test(name))
    .flatMap(([, addresses]) => (addresses ?? []).map(({ mac }) => mac));
  hash.update([...new Set(cards)].sort().join(' '));
  return hash.digest('hex');
}

function dmi(name: string): string {
  try {
    return readFileSync(`/sys/class/dmi/id/${name}`, 'utf8').trim();
  } catch {
    return '';
  }
}
