import type { Result } from '../../shared/base/result.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { MemberId } from '../../shared/domain/ids.ts';

export interface TransferTarget {
  readonly member: MemberId;
  readonly address: string;
  readonly port: number;
  readonly ticket: string;
}

/**
 * refused: the target said that it does not run there and never will, or it cannot have got everything;
 * uncertain: everything was sent and no answer came.
 */
export interface TransferFault {
  readonly outcome: 'refused' | 'uncertain';
  readonly reason: string;
}

/** An attempt that asks to come in: not a byte is taken before `receive`. */
export interface Arrival extends AttemptKey {
  readonly ticket: string;
  readonly from: MemberId;
  /** Bytes of memory it has where it comes from; 0: its sender does not say. */
  readonly needs: number;
  /** Resolves when all was received; throws while reading when the sender broke off. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Says that it runs here now. */
  accept(): void;
  /** Says that it does not run here and never will. */
  refuse(reason: string): void;
  /** Says nothing, so that the sender stays frozen and the head decides. */
  breakOff(): void;
}

/** Member → member, mutual TLS. */
export interface Transfers {
  listen(onArrival: (arrival: Arrival) => void): void;
  /** `as`: what the attempt is called at its target; `needs`: bytes of memory it has here. Resolves with the bytes on the wire. */
  send(
    as: AttemptKey,
    to: TransferTarget,
    bytes: AsyncIterable<Uint8Array>,
    cancelled: { onCancel(action: () => void): void },
    needs?: number,
  ): Promise<Result<{ readonly bytes: number }, TransferFault>>;
}
