import type { MacAddress } from '../../shared/domain/mac-address.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { BootRequests, LabPc, SecondStage } from '../ports/netboot.ts';
import {
  nobodyBoots,
  onBootSight,
  sendToDisk,
  stuckPcs,
  unansweredPcs,
  takeTurn,
  type BootingPc,
  type BootProgress,
  type BootSight,
} from '../core/netboot/boot-progress.ts';
import {
  grubDiskScript,
  grubScript,
  grubWaitScript,
  ipxeDiskScript,
  ipxeEntranceScript,
  ipxeScript,
  ipxeWaitScript,
} from '../core/netboot/boot-scripts.ts';

import { cardsOf } from '../core/netboot/who-boots.ts';

export interface BootRequestsPorts {
  readonly clock: Clock;
  readonly lab: string;
  readonly kernelOptions: () => string;
  readonly atOnce: () => number;
  readonly bootsDisk: (mac: MacAddress) => boolean;
  /** A card of the head's own machine, in whose name it asks the network what is wrong. */
  readonly isOwn: (mac: MacAddress) => boolean;
}

/** Tells each PC what to do and keeps account of how far it is. */
export class BootRequestsShell implements BootRequests {
  readonly #ports: BootRequestsPorts;
  #progress: BootProgress = nobodyBoots;

  constructor(ports: BootRequestsPorts) {
    this.#ports = ports;
  }

  entrance(): string {
    return ipxeEntranceScript;
  }

  script(stage: SecondStage, mac: MacAddress, address: string): string {
    const { clock, lab, kernelOptions, atOnce, bootsDisk } = this.#ports;
    const now = clock.wall();
    if (bootsDisk(mac)) {
      this.#progress = sendToDisk(this.#progress, mac, address, now);
      return stage === 'ipxe' ? ipxeDiskScript : grubDiskScript;
    }
    const [next, turn] = takeTurn(this.#progress, mac, address, now, atOnce());
    this.#progress = next;
    if (!turn.go) {
      return stage === 'ipxe' ? ipxeWaitScript(turn.ahead) : grubWaitScript(turn.ahead);
    }
    const boot = { lab, kernelOptions: kernelOptions() };
    return stage === 'ipxe' ? ipxeScript(boot) : grubScript(boot);
  }

  sight(sight: BootSight): void {
    if ('mac' in sight && sight.mac !== null && this.#ports.isOwn(sight.mac)) return;
    // Local boot looks like any other offer in dnsmasq's log.
    const seen =
      sight.t === 'answered' && this.#ports.bootsDisk(sight.mac)
        ? { ...sight, offered: false }
        : sight;
    this.#progress = onBootSight(this.#progress, seen, this.#ports.clock.wall());
  }

  /** A member that came by the network; one that was here all along changes nothing. */
  arrived(pc: LabPc): void {
    const { address } = pc;
    const cards = cardsOf(pc);
    const booting = this.pcs().find((one) => cards.includes(one.mac) || one.address === address);
    if (booting?.stage === 'started') {
      this.sight({ t: 'enrolled', machineKey: booting.mac, address });
    }
  }

  pcs(): BootingPc[] {
    return [...this.#progress.values()];
  }

  /** PCs that asked for what is not here. */
  unanswered(): readonly BootingPc[] {
    return unansweredPcs(this.#progress, this.#ports.clock.wall());
  }

  /** PCs that heard our answer and never came for their first stage. */
  stuck(): readonly BootingPc[] {
    return stuckPcs(this.#progress, this.#ports.clock.wall());
  }
}
