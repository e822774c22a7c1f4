import { ok, type Result } from '../../../../shared/base/result.ts';
import { ControlGroups } from '../control-groups.ts';
import { pcName } from '../../../../shared/domain/pc-names.ts';
import { cardAddress, type LabNames } from '../lab-names.ts';
import { addressIn, chooseSubnet, headHost, pcHost, type Subnet } from '../lab-subnet.ts';
import { LabSwitch } from '../lab-switch.ts';
import type { Card } from './qemu-command.ts';

/** How virtual PCs are connected with the head and with one another. */
export interface VmNetwork {
  readonly subnet: Subnet;
  cards(number: number): readonly Card[];
  /** Where a PC finds the head; null: by mDNS. */
  readonly headHost: string | null;
  /** Comes before the command that starts a PC. */
  readonly inside: readonly string[];
  /** Once the PC has power. */
  plugIn(pc: string): Promise<Result<null>>;
}

/** The network that QEMU makes for a guest by itself: the guest is .15, the machine it runs on .2. */
const userNetwork = { guest: '10.0.2.15', machine: '10.0.2.2' };
/** Marks a PC's second card. */
const secondCard = 0x1000;

/**
 * Needs no rights: each PC has one card on a network of its own with the head, and one on a network that all PCs of
 * the lab share, whose cable is a multicast group on this machine's loopback. mDNS does not reach the head.
 */
export function rootlessNetwork({ tag }: LabNames): Result<VmNetwork> {
  const subnet = chooseSubnet(tag, ['10.0.2.0/24']);
  if (!subnet.ok) return subnet;
  const [a = 0, b = 0, c = 0] = Buffer.from(tag, 'hex');
  const cable = `239.255.${a}.${b}:${20_000 + c * 64}`;
  return ok({
    subnet: subnet.value,
    headHost: userNetwork.machine,
    inside: [],
    plugIn: async () => ok(null),
    cards: (number) => [
      {
        id: 'head',
        backend: 'user',
        mac: cardAddress(tag, number),
        address: userNetwork.guest,
        prefix: 24,
        gateway: userNetwork.machine,
      },
      {
        id: 'lan',
        backend: `socket,mcast=${cable},localaddr=127.0.0.1`,
        mac: cardAddress(tag, secondCard + number),
        address: addressIn(subnet.value, pcHost(number)),
        prefix: 24,
        gateway: null,
      },
    ],
  });
}

/** The practice lab's own switch, as containers are plugged into it; mDNS crosses. Needs root. */
export async function switchedNetwork(names: LabNames, script: string): Promise<Result<VmNetwork>> {
  const groups = ControlGroups.open(names.group);
  if (!groups.ok) return groups;
  const lan = new LabSwitch(names, groups.value, script);
  const made = await lan.make();
  if (!made.ok) return made;
  const subnet = made.value;
  return ok({
    subnet,
    headHost: null,
    // QEMU makes its end of the cable where the switch is.
    inside: ['nsenter', '--target', String(lan.holder ?? 0), '--net'],
    plugIn: (pc) => lan.plugIn(pc),
    cards: (number) => [
      {
        id: 'lan',
        backend: `tap,ifname=${pcName(number)},script=no,downscript=no`,
        mac: cardAddress(names.tag, number),
        address: addressIn(subnet, pcHost(number)),
        prefix: 24,
        gateway: addressIn(subnet, headHost),
      },
    ],
  });
}

/** Harmless when there is none. */
export async function removeSwitch(names: LabNames, script: string): Promise<void> {
  const groups = ControlGroups.open(names.group);
  if (!groups.ok) return;
  await groups.value.endLab();
  await new LabSwitch(names, groups.value, script).remove();
}
