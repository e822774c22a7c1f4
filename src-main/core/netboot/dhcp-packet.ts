import { macBytes, parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';

/**
 * As much of DHCP (RFC 2131, options RFC 2132) and its PXE options (RFC 4578) as a client needs to ask who would boot
 * a PC, and to understand the answers.
 */
export interface DhcpQuestion {
  /** Ours to recognise the answers by; 32 bits. */
  readonly transaction: number;
  readonly mac: MacAddress;
  /** Option 93; null asks as a PC that does not boot from the network. */
  readonly architecture: number | null;
  /** Of the UUID in option 97, 16 bytes. */
  readonly machine: readonly number[];
}

export interface DhcpAnswer {
  readonly transaction: number;
  readonly kind: 'offer' | 'ack' | 'nak' | 'other';
  /** Whose answer it is (option 54), or where it came from. */
  readonly server: string;
  /** Offered to the PC; null in an answer that is about booting only. */
  readonly address: string | null;
  /** Where the first stage would be fetched. */
  readonly bootServer: string | null;
  readonly bootFile: string | null;
  /** It speaks PXE: option 60 says PXEClient. */
  readonly isPxe: boolean;
}

const fixedSize = 236;
const cookie = [0x63, 0x82, 0x53, 0x63]; // RFC 2131 §3
/** BOOTP relays and some servers drop what is shorter (RFC 951 §3). */
const shortest = 300;

const option = {
  pad: 0,
  vendorSpecific: 43,
  overload: 52,
  messageType: 53,
  serverId: 54,
  requestList: 55,
  maximumSize: 57,
  vendorClass: 60,
  tftpServer: 66,
  bootFile: 67,
  architecture: 93,
  networkInterface: 94,
  machine: 97,
  end: 255,
} as const;
const messageTypes = { 2: 'offer', 5: 'ack', 6: 'nak' } as const;
const discover = 1;

export function encodeDiscover(question: DhcpQuestion): Uint8Array {
  const { transaction, mac, architecture, machine } = question;
  const fixed = [
    ...[1], // op: request
    ...[1], // htype: Ethernet
    ...[6], // hlen
    ...[0], // hops
    ...bigEndian(transaction, 4), // xid
    ...[0, 0], // secs
    ...[0x80, 0x00], // flags: answer by broadcast, we have no address yet
    ...zeros(4), // ciaddr
    ...zeros(4), // yiaddr
    ...zeros(4), // siaddr
    ...zeros(4), // giaddr
    ...[...macBytes(mac), ...zeros(10)], // chaddr
    ...zeros(64), // sname
    ...zeros(128), // file
    ...cookie,
  ];
  const pxe =
    architecture === null
      ? []
      : [
          ...field(option.architecture, bigEndian(architecture, 2)),
          ...field(option.networkInterface, [1, 2, 1]), // UNDI 2.1
          ...field(option.machine, [0, ...machine]), // type 0: UUID
          ...field(
            option.vendorClass,
            ascii(`PXEClient:Arch:${String(architecture).padStart(5, '0')}:UNDI:002001`),
          ),
        ];
  const options = [
    ...field(option.messageType, [discover]),
    ...field(option.maximumSize, bigEndian(1472, 2)),
    ...field(option.requestList, [1, 3, 6, option.vendorSpecific, 60, 66, 67, 128, 129]),
    ...pxe,
    option.end,
  ];
  const all = [...fixed, ...options];
  return Uint8Array.from([...all, ...zeros(Math.max(0, shortest - all.length))]);
}

/** Who asks, and as what (option 60); undefined for anything that is no DHCP question of an Ethernet card. */
export function decodeQuestion(
  packet: Uint8Array,
): { readonly mac: MacAddress; readonly vendorClass: string } | undefined {
  if (packet.length < fixedSize + 4 || packet[0] !== 1 || packet[2] !== 6) return undefined;
  if (cookie.some((byte, index) => packet[fixedSize + index] !== byte)) return undefined;
  const card = Array.from(packet.subarray(28, 34), (byte) => byte.toString(16).padStart(2, '0'));
  const mac = parseMacAddress(card.join(':'));
  const vendorClass = text(readOptions(packet.subarray(fixedSize + 4)).get(option.vendorClass));
  return mac === undefined ? undefined : { mac, vendorClass };
}

/** Undefined for anything that is no DHCP answer. `from`: the address the datagram came from. */
export function decodeAnswer(packet: Uint8Array, from: string): DhcpAnswer | undefined {
  if (packet.length < fixedSize + 4 || packet[0] !== 2) return undefined;
  if (cookie.some((byte, index) => packet[fixedSize + index] !== byte)) return undefined;
  const options = readOptions(packet.subarray(fixedSize + 4));
  const overload = options.get(option.overload)?.[0] ?? 0;
  // RFC 2132 §9.3: file (1) and sname (2) may hold further options instead of names.
  const file = packet.subarray(108, 236);
  const sname = packet.subarray(44, 108);
  if ((overload & 1) === 1) for (const [code, value] of readOptions(file)) options.set(code, value);
  if ((overload & 2) === 2) {
    for (const [code, value] of readOptions(sname)) options.set(code, value);
  }
  const type = options.get(option.messageType)?.[0];
  const serverId = options.get(option.serverId);
  const bootFile =
    text(options.get(option.bootFile)) || ((overload & 1) === 1 ? '' : text(file)) || null;
  const next = ipv4(packet.subarray(20, 24));
  const yours = ipv4(packet.subarray(16, 20));
  return {
    transaction: packet.subarray(4, 8).reduce((sum, byte) => sum * 256 + byte, 0),
    kind: messageTypes[type as keyof typeof messageTypes] ?? 'other',
    server: serverId?.length === 4 ? ipv4(serverId) : from,
    address: yours === '0.0.0.0' ? null : yours,
    bootServer: next !== '0.0.0.0' ? next : text(options.get(option.tftpServer)) || null,
    bootFile,
    isPxe: text(options.get(option.vendorClass)).startsWith('PXEClient'),
  };
}

/** Damaged options end the reading; what was read before counts. */
function readOptions(area: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at < area.length;) {
    const code = area[at] ?? option.end;
    if (code === option.end) break;
    if (code === option.pad) {
      at += 1;
      continue;
    }
    const length = area[at + 1] ?? 0;
    if (at + 2 + length > area.length) break;
    const value = area.subarray(at + 2, at + 2 + length);
    // RFC 3396: an option that appears again goes on.
    const before = found.get(code);
    found.set(code, before === undefined ? value : Uint8Array.from([...before, ...value]));
    at += 2 + length;
  }
  return found;
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const bigEndian = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** (size - 1 - index)) % 256);
const ascii = (words: string): number[] => Array.from(words, (letter) => letter.charCodeAt(0));
const field = (code: number, value: readonly number[]): number[] => [code, value.length, ...value];
const ipv4 = (four: Uint8Array): string => four.join('.');

/** Up to the first NUL, printable letters only: it is shown to people. */
function text(value: Uint8Array | undefined): string {
  if (value === undefined) return '';
  const end = value.indexOf(0);
  return String.fromCharCode(...(end === -1 ? value : value.subarray(0, end))).replaceAll(
    /[^\x20-\x7e]/g,
    '?',
  );
}
