import type { Clock } from '../../shared/ports/clock.ts';
import type { ContainerRuntime } from '../ports/container-runtime.ts';
import type { Transfers } from '../ports/task-transfer.ts';
import type { Outcome } from '../core/attempts/outcomes.ts';
import type { Directive } from '../core/attempts/turn.ts';

export interface ShipPorts {
  readonly runtime: ContainerRuntime;
  readonly transfers: Transfers;
  readonly clock: Clock;
}

export interface Shipment {
  /** The answer still comes. */
  callOff(): void;
}

/** Freezes, sends, and tells what became of it. The program stays frozen: whether it goes on here is decided elsewhere. */
export function shipTask(
  { runtime, transfers, clock }: ShipPorts,
  { of, as, to, wallTimeLeft }: Extract<Directive, { readonly d: 'ship' }>,
  tell: (outcome: Outcome) => void,
): Shipment {
  let calledOff = false;
  let cancel: () => void = () => undefined;
  const refused = (reason: string): void =>
    tell({ o: 'ship-failed', of, outcome: 'refused', reason });
  const ship = async (): Promise<void> => {
    const obstacle = await runtime.obstacle(of);
    if (obstacle !== null) {
      refused(obstacle);
      return;
    }
    const began = clock.now();
    await runtime.freeze(of);
    const { cpuSeconds, memory } = runtime.usage(of);
    const taken = await runtime.snapshot(of, { cpuSeconds, wallTimeLeft }, false);
    if (!taken.ok) {
      refused(taken.error.reason);
      return;
    }
    if (calledOff) {
      await taken.value.drop();
      refused('it was called off');
      return;
    }
    const sent = await transfers.send(
      as,
      to,
      taken.value.bytes(),
      {
        onCancel: (action) => (cancel = action),
      },
      memory,
    );
    const took = clock.now() - began;
    await taken.value.drop();
    if (sent.ok) tell({ o: 'shipped', of, bytes: sent.value.bytes, freezeMs: took, totalMs: took });
    else {
      const { outcome, reason } = sent.error;
      tell({ o: 'ship-failed', of, outcome, reason: taken.value.trouble() ?? reason });
    }
  };
  void ship();
  return {
    callOff() {
      calledOff = true;
      cancel();
    },
  };
}
