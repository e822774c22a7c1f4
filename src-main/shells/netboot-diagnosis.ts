import { seconds } from '../../shared/base/units.ts';
import type { BootFinding } from '../../shared/api/netboot-views.ts';
import { ok, type Result } from '../../shared/base/result.ts';

import { ipxeEntrance, type Probes, type ProxyInterface } from '../ports/netboot.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import type { BootingPc } from '../core/netboot/boot-progress.ts';
import { biosArchitecture, uefiArchitectures } from '../core/netboot/client-architecture.ts';
import { decodeAnswer, encodeDiscover, type DhcpAnswer } from '../core/netboot/dhcp-packet.ts';
import { diagnoseBoot } from '../core/netboot/diagnosis.ts';
import { broadcastOf, firstStage } from '../core/netboot/dnsmasq-config.ts';
import {
  decodeTftpAnswer,
  encodeReadRequest,
  encodeTftpAbort,
  tftpPort,
  type TftpAnswer,
} from '../core/netboot/tftp-packet.ts';

/** Servers try the address that they are about to offer for up to 3 s (RFC 2131 §2.2), and may be asked twice. */
const dhcpPatience = seconds(7);
const tftpPatience = seconds(3);
const dhcpServerPort = 67;
const dhcpClientPort = 68;
/** For a card that says no address of its own: locally administered. */
const anyMac = '02:00:00:00:00:01' as MacAddress;

export interface DiagnosedPlace {
  readonly at: ProxyInterface;
  /** Whether network boot is on. */
  readonly on: boolean;
  /** Of the boot files; null: they are not served here. */
  readonly httpPort: number | null;
  readonly stuck: readonly BootingPc[];
  readonly unanswered: readonly BootingPc[];
}

/** Asks on one interface as a BIOS and a UEFI PC do, then as their first and second stages. */
export async function diagnosePlace(
  probes: Probes,
  rng: Rng,
  { at, on: wanted, httpPort, stuck, unanswered }: DiagnosedPlace,
): Promise<readonly BootFinding[]> {
  const { name, address } = at;
  const on = wanted && httpPort !== null;
  const floppies = !wanted && httpPort !== null;
  const [bios, uefi, tftp, httpFault] = await Promise.all([
    askDhcp(probes, rng, at, biosArchitecture),
    askDhcp(probes, rng, at, uefiArchitectures[0]),
    on ? askTftp(probes, address) : null,
    httpPort !== null ? probes.fetch(`http://${address}:${httpPort}${ipxeEntrance}`) : null,
  ]);
  const answers = !bios.ok
    ? { obstacle: refusalWords(bios.error) }
    : !uefi.ok
      ? { obstacle: refusalWords(uefi.error) }
      : [...bios.value, ...uefi.value];
  const ownAddresses = probes.ownAddresses();
  return diagnoseBoot({
    ...{ name, address, ownAddresses, on, floppies, answers, tftp, httpFault, stuck, unanswered },
  });
}

async function askDhcp(
  probes: Probes,
  rng: Rng,
  at: ProxyInterface,
  architecture: number,
): Promise<Result<readonly DhcpAnswer[]>> {
  const transaction = Number.parseInt(rng.token(4), 16);
  const heard = await probes.ask({
    // The directed broadcast: the kernel sends it out at this interface and nowhere else.
    to: broadcastOf(at.address, at.netmask),
    port: dhcpServerPort,
    ownPort: dhcpClientPort,
    patience: dhcpPatience,
    thanks: null,
    bytes: encodeDiscover({
      transaction,
      architecture,
      // Switches that watch over DHCP drop questions in another card's name.
      mac: probes.macOf(at.name) ?? anyMac,
      machine: Array.from({ length: 16 }, (_, index) => index),
    }),
  });
  if (!heard.ok) return heard;
  const answers = heard.value
    .map(({ bytes, from }) => decodeAnswer(bytes, from))
    .filter((answer) => answer?.transaction === transaction)
    .filter((answer) => answer !== undefined);
  return ok(answers);
}

async function askTftp(probes: Probes, server: string): Promise<TftpAnswer | undefined> {
  const heard = await probes.ask({
    to: server,
    port: tftpPort,
    ownPort: null,
    patience: tftpPatience,
    thanks: encodeTftpAbort(),
    bytes: encodeReadRequest(firstStage.uefi),
  });
  const [first] = heard.ok ? heard.value : [];
  return first && decodeTftpAnswer(first.bytes);
}
