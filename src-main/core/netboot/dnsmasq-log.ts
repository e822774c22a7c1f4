import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import { architectureIn } from './client-architecture.ts';

/** What dnsmasq's own log tells of a PC on its way. */
export type ProxyEvent =
  | {
      readonly t: 'answered';
      readonly mac: MacAddress;
      /** Known once the PC has one and asks at port 4011. */
      readonly address: string | null;
      readonly architecture: number | null;
      /** False: it was left alone. */
      readonly offered: boolean;
    }
  | {
      readonly t: 'first-stage' | 'transfer-broken';
      readonly address: string;
      /** TFTP knows addresses only; the head's own neighbour table knows the card. */
      readonly mac: MacAddress | null;
      readonly file: string;
    }
  /** dnsmasq gives up. */
  | { readonly t: 'fatal'; readonly reason: string };

/** Vendor classes of questions whose answer is logged a few lines later, by transaction. */
export type ProxyLog = ReadonlyMap<string, number>;
export const emptyProxyLog: ProxyLog = new Map();
const remembered = 256;

/**
 * Lines as dnsmasq 2.85–2.91 write them with \`log-dhcp\`:
 *   dnsmasq-dhcp[7]: 443727331 vendor class: PXEClient:Arch:00007:UNDI:003000
 *   dnsmasq-dhcp[7]: 443727331 PXE(eth0) 10.77.0.9 52:54:00:00:00:04 proxy
 *   dnsmasq-tftp[7]: sent /srv/tftp/shimx64.efi to 10.77.0.9
 */
export function onProxyLine(
  log: ProxyLog,
  line: string,
): readonly [ProxyLog, ProxyEvent | undefined] {
  const fatal =
    /dnsmasq(?:\[\d+\])?: (?:FAILED to start up|failed to .*|cannot .*|.*unknown .*)$/.exec(
      line,
    )?.[0];
  if (fatal !== undefined) {
    return [log, { t: 'fatal', reason: fatal.replace(/^dnsmasq(?:\[\d+\])?: /, '') }];
  }
  const said = /dnsmasq-(dhcp|tftp)\[\d+\]: (.*)$/.exec(line);
  const words = said?.[2] ?? '';
  if (said?.[1] === 'tftp') return [log, tftpEvent(words)];
  if (said?.[1] !== 'dhcp') return [log, undefined];

  const vendor = /^(\d+) vendor class: (.*)$/.exec(words);
  if (vendor) {
    const architecture = architectureIn(vendor[2] ?? '');
    if (architecture === undefined) return [log, undefined];
    const next = new Map(log).set(vendor[1] ?? '', architecture);
    if (next.size > remembered) next.delete(next.keys().next().value ?? '');
    return [next, undefined];
  }
  const answer = /^(\d+) PXE\([^)]*\) (?:(\d[\d.]+) )?([0-9a-f:]{17}) ?(.*)$/.exec(words);
  const mac = parseMacAddress(answer?.[3] ?? '');
  if (!answer || mac === undefined) return [log, undefined];
  return [
    log,
    {
      t: 'answered',
      mac,
      address: answer[2] ?? null,
      architecture: log.get(answer[1] ?? '') ?? null,
      offered: answer[4] !== 'proxy-ignored',
    },
  ];
}

function tftpEvent(words: string): ProxyEvent | undefined {
  const sent = /^sent .*\/([^/ ]+) to ([\d.]+)$/.exec(words);
  if (sent?.[1] && sent[2]) return { t: 'first-stage', address: sent[2], mac: null, file: sent[1] };
  const broken = /^failed sending .*\/([^/ ]+) to ([\d.]+)$/.exec(words);
  if (broken?.[1] && broken[2]) {
    return { t: 'transfer-broken', address: broken[2], mac: null, file: broken[1] };
  }
  return undefined;
}
