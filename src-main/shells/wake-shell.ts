import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { parseMacAddress, type MacAddress } from '../../shared/domain/mac-address.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { magicPacket } from '../core/netboot/magic-packet.ts';
import { planWakes } from '../core/netboot/wake-plan.ts';
import type { LabPc, WakeSender } from './netboot-ports.ts';

export interface WakePorts {
  readonly clock: Clock;
  readonly sender: WakeSender;
  /** These PCs are wanted from now on. */
  readonly woken: (macs: readonly MacAddress[]) => void;
}

/** Calls PCs awake, one after the other; returns at once. Whether they come is seen when they enrol. */
export function wakePcs(
  { clock, sender, woken }: WakePorts,
  pcs: readonly LabPc[],
): Result<{ machines: string[] }> {
  const macs: MacAddress[] = [];
  for (const { name, machineKey } of pcs) {
    const mac = parseMacAddress(machineKey);
    if (mac === undefined) {
      return refuse(
        'refused',
        `${name} cannot be woken: the address of its network card is not known; switch it on by hand.`,
      );
    }
    macs.push(mac);
  }
  woken(macs);
  for (const { mac, after } of planWakes(macs)) {
    clock.after('wake a PC', after, () => sender.send(magicPacket(mac)));
  }
  return ok({ machines: pcs.map(({ name }) => name) });
}
