import { refusalWords } from '../../shared/words/refusal-words.ts';
import type { DriveFault } from '../ports/block-device.ts';
import type { MediaOrder, MediaResult, MediaWriterPorts } from './media-order.ts';
import { WriteAttempt } from './write-attempt.ts';

/** A stick that answered with an error may only sit loosely; one that is gone, full or protected stays so. */
const worthAnotherTry: readonly DriveFault[] = ['broken'];
export const attemptsAtMost = 2;

/** Writes them all at once, each at its own pace, and reads each back. Never throws for a drive's sake. */
export function writeMedia(
  orders: readonly MediaOrder[],
  ports: MediaWriterPorts,
): Promise<readonly MediaResult[]> {
  return Promise.all(
    orders.map(async (order) => {
      const result = await writeMedium(order, ports);
      ports.onResult(result);
      return result;
    }),
  );
}

async function writeMedium(order: MediaOrder, ports: MediaWriterPorts): Promise<MediaResult> {
  const { target } = order;
  const began = ports.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await new WriteAttempt(order, ports, attempt).run();
    const took = Math.round(ports.clock.now() - began);
    if (outcome.ok) return { target, ok: true, sentence: null, took, ...outcome.value };
    const { fault } = outcome.error;
    const again = fault !== null && worthAnotherTry.includes(fault) && attempt < attemptsAtMost;
    if (!again || ports.stop.aborted) {
      const sentence = refusalWords(outcome.error);
      return { target, ok: false, sentence, bytes: 0, took, sha256: null };
    }
  }
}
