import { ok, refuse, type Result } from '../../../shared/base/result.ts';

/** An IPv4 network: its first address as a number, and how many leading bits it fixes. */
export interface Network {
  readonly base: number;
  readonly bits: number;
}

/** Parses `10.1.2.0/24`, `10.1.2.3` and the kernel's `default`. */
export function parseNetwork(text: string): Network | undefined {
  if (text === 'default') return { base: 0, bits: 0 };
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1, 5).map(Number);
  const bits = Number(match[5] ?? 32);
  if (parts.some((part) => part > 255) || bits > 32) return undefined;
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { base: address - (address % 2 ** (32 - bits)), bits };
}

export function overlap(one: Network, other: Network): boolean {
  const size = 2 ** (32 - Math.min(one.bits, other.bits));
  return Math.floor(one.base / size) === Math.floor(other.base / size);
}

/** Three of the four parts of a /24, such as `10.77.12`; hosts put theirs behind it. */
export type Subnet = string;

/** RFC 1918. The lower half of 10.x is what routers and VPNs like best, so it comes last. */
function* candidates(tag: string): Generator<Subnet> {
  const start = Number.parseInt(tag, 16);
  const half = 128 * 256;
  const ten = (from: number, index: number): Subnet => {
    const at = (start + index) % half;
    return `10.${from + Math.floor(at / 256)}.${at % 256}`;
  };
  for (let index = 0; index < half; index += 1) yield ten(128, index);
  for (const prefix of ['192.168', ...Array.from({ length: 16 }, (_, at) => `172.${31 - at}`)]) {
    for (let index = 0; index < 256; index += 1) yield `${prefix}.${(start + index) % 256}`;
  }
  for (let index = 0; index < half; index += 1) yield ten(0, index);
}

/**
 * A private /24 that meets no address and no route of this machine. The same lab gets the same one as long as it is
 * free. Routes to more than 16 million addresses (the default route, and the halves VPNs replace it with) do not count.
 */
export function chooseSubnet(tag: string, taken: readonly string[]): Result<Subnet> {
  const networks = taken
    .map(parseNetwork)
    .filter((network): network is Network => network !== undefined && network.bits >= 8);
  for (const subnet of candidates(tag)) {
    const network = parseNetwork(`${subnet}.0/24`);
    if (network && !networks.some((other) => overlap(network, other))) return ok(subnet);
  }
  return refuse(
    'refused',
    'no private network is free for the practice lab: routes of this machine cover 10.x, 172.16–31.x and 192.168.x; end a VPN, or take a route away.',
  );
}

/** The head is .1, PCs follow from .11 on. */
export const headHost = 1;
export const pcHost = (number: number): number => 10 + number;
export const addressIn = (subnet: Subnet, host: number): string => `${subnet}.${host}`;
