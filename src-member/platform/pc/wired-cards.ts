import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import type { WiredCard } from '../../../shared/domain/member.ts';

const ethernet = '1'; // ARPHRD_ETHER

/**
 * Every wired card of this PC by the address that its maker gave it, with or without cable and address on the network; built-in
 * ones first. What can be pulled out (USB adapters, docks) may stand at another PC tomorrow.
 */
export function wiredCards(
  sys: string = '/sys',
  permanent: ReadonlyMap<string, string> = permanentAddresses(),
): readonly WiredCard[] {
  const folder = join(sys, 'class', 'net');
  const cards = namesIn(folder).flatMap((name): readonly WiredCard[] => {
    const place = join(folder, name);
    const read = (file: string): string => textOf(join(place, file));
    // Bridges, bonds, VLANs and tunnels have no device behind them; radio has one, and says so.
    if (read('type') !== ethernet || !existsSync(join(place, 'device'))) return [];
    if (existsSync(join(place, 'wireless')) || existsSync(join(place, 'phy80211'))) return [];
    const address = parseMacAddress(permanent.get(name) ?? read('address'));
    return address === undefined ? [] : [{ address, builtIn: !canBePulledOut(place, sys) }];
  });
  const sorted = cards.toSorted(
    (a, b) => Number(b.builtIn) - Number(a.builtIn) || (a.address < b.address ? -1 : 1),
  );
  // A dock may pass on the address of the card that is built in.
  const once = new Map<MacAddress, WiredCard>();
  for (const card of sorted) if (!once.has(card.address)) once.set(card.address, card);
  return [...once.values()];
}

/** USB by its bus; a Thunderbolt dock by what the kernel says of the slot it is behind (`removable`). */
function canBePulledOut(place: string, sys: string): boolean {
  let at = realpathOf(join(place, 'device'));
  const top = realpathOf(sys);
  while (at !== '' && at !== top && at !== dirname(at)) {
    if (basename(realpathOf(join(at, 'subsystem'))) === 'usb') return true;
    if (textOf(join(at, 'removable')) === 'removable') return true;
    at = dirname(at);
  }
  return false;
}

/** Where an address was changed since, ip(8) tells the first one, too. */
function permanentAddresses(): ReadonlyMap<string, string> {
  const { stdout } = spawnSync('ip', ['-j', 'link', 'show'], { encoding: 'utf8' });
  try {
    const links = JSON.parse(stdout) as { ifname?: unknown; permaddr?: unknown }[];
    return new Map(
      links.flatMap(({ ifname, permaddr }) =>
        typeof ifname === 'string' && typeof permaddr === 'string' ? [[ifname, permaddr]] : [],
      ),
    );
  } catch {
    return new Map();
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return '';
  }
}
