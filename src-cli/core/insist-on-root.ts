import type { World } from './ports.ts';
import { Refused } from './refused.ts';

/** Asked before anything is started, so that a refusal leaves nothing behind. */
export function insistOnRoot(world: World, command: string): void {
  if (!world.isRoot()) throw new Refused('refused', `practice PCs need root; run: ${command}`);
}
