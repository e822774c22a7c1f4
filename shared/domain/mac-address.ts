import type { Brand } from '../base/brand.ts';

/** Six bytes of a network card as `52:54:00:ab:cd:ef`, lower case. */
export type MacAddress = Brand<string, 'MacAddress'>;

/** Takes the forms of Linux (`:`), Windows (`-`) and Cisco (`5254.00ab.cdef`); undefined for anything else. */
export function parseMacAddress(text: string): MacAddress | undefined {
  const trimmed = text.trim().toLowerCase();
  const isWritten =
    /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(trimmed) ||
    /^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/.test(trimmed) ||
    /^[0-9a-f]{4}(\.[0-9a-f]{4}){2}$/.test(trimmed);
  if (!isWritten) return undefined;
  const digits = trimmed.replaceAll(/[:.-]/g, '');
  // Nobody's card: all zero, or a group address (lowest bit of the first byte), broadcast among them.
  if (digits === '000000000000' || (Number.parseInt(digits.slice(0, 2), 16) & 1) === 1) {
    return undefined;
  }
  return (digits.match(/../g) ?? []).join(':') as MacAddress;
}

export const macBytes = (mac: MacAddress): readonly number[] =>
  mac.split(':').map((pair) => Number.parseInt(pair, 16));
