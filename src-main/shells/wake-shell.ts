import { ok, type Result } from '../../shared/base/result.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import { refuseFor } from '../../shared/domain/refusals.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { LabPc, Probes, ProxyInterface } from '../ports/netboot.ts';
import { broadcastOf } from '../core/netboot/dnsmasq-config.ts';
import { magicPacket, wakePort } from '../core/netboot/magic-packet.ts';
import { planWakes } from '../core/netboot/wake-plan.ts';
import { cardsOf } from '../core/netboot/who-boots.ts';

export interface WakePorts {
  readonly clock: Clock;
  readonly probes: Pick<Probes, 'broadcast'>;
  /** A sleeping PC answers no ARP, so it is called by broadcast, wherever PCs of the lab may be. */
  readonly interfaces: () => readonly ProxyInterface[];
  /** These PCs are wanted from now on. */
  readonly woken: (macs: readonly MacAddress[]) => void;
}

/** Calls PCs awake, one after the other; returns at once. Whether they come is seen when they enrol. */
export function wakePcs(
  { clock, probes, interfaces, woken }: WakePorts,
  pcs: readonly LabPc[],
): Result<{ machines: string[] }> {
  const macs: MacAddress[] = [];
  for (const pc of pcs) {
    // Many boards wake by one card only, and nobody knows by which.
    const cards = cardsOf(pc);
    if (cards.length === 0) {
      return refuseFor('refused', 'machine-cannot-be-woken', { machine: pc.name });
    }
    macs.push(...cards);
  }
  woken(macs);
  for (const { mac, after } of planWakes(macs)) {
    clock.after('wake a PC', after, () => {
      for (const from of interfaces()) {
        const to = broadcastOf(from.address, from.netmask);
        probes.broadcast(from, to, wakePort, magicPacket(mac));
      }
    });
  }
  return ok({ machines: pcs.map(({ name }) => name) });
}
