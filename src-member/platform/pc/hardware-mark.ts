import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wiredCards } from './wired-cards.ts';

/**
 * By this a PC that was let in once is known again, SHA-256 in hex: what does not change from day to day. Its mainboard's UUID and
 * serial number, where its maker gave it any, and the permanent addresses of the cards that are built in; not the date of its BIOS,
 * nor adapters and docks. Serial numbers are for root's eyes only, and none of them goes over the network but in this digest. It is
 * no secret as a key is, but nobody on the network sees what it is made of.
 */
export function hardwareMark(sys: string = '/sys', cards = wiredCards(sys)): string {
  const dmi = (name: string): string => textOf(join(sys, 'class', 'dmi', 'id', name));
  const builtIn = cards.filter((card) => card.builtIn).map(({ address }) => address);
  const hash = createHash('sha256');
  hash.update(`uuid=${realUuid(dmi('product_uuid')) ?? ''}\n`);
  hash.update(`board=${realSerial(dmi('board_serial')) ?? ''}\n`);
  hash.update(`cards=${builtIn.toSorted().join(' ')}\n`);
  return hash.digest('hex');
}

/** What makers leave in place of a number of this very board. */
const sharedUuids: readonly string[] = [
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
];

function realUuid(text: string): string | undefined {
  const uuid = text.toLowerCase();
  const digits = uuid.replaceAll('-', '');
  const isWritten = /^[0-9a-f]{32}$/.test(digits);
  // All 00 or all FF: not set, or not to be told (SMBIOS 3.7, §7.2.1); any other one byte sixteen times is no better.
  const isOneByte = /^(..)\1{15}$/.test(digits);
  return isWritten && !isOneByte && !sharedUuids.includes(uuid) ? uuid : undefined;
}

const placeholder =
  /^(?:default string|to be filled.*|o\.?e\.?m\.?.*|system serial.*|base ?board.*|board serial.*|mb-?\d*|serial( number)?|not (?:specified|applicable|available|set).*|none|n\/?a|null|unknown|invalid|empty|chassis.*|x+|[.\-_*#?]+|123456789\w*|(?<one>.)\k<one>*)$/i;

const realSerial = (text: string): string | undefined =>
  text.length < 4 || placeholder.test(text) ? undefined : text;

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
