import type { World } from './ports.ts';
import { Refused } from './refused.ts';

/** Asked before anything is started, so that a refusal leaves nothing behind. */
export function insistOnRoot(world: World, script: string, ...words: readonly string[]): void {
  if (world.isRoot()) return;
  throw new Refused(
    'refused',
    `practice PCs in containers need root; run \`${world.asRoot(script, ...words)}\`, or take virtual PCs, which need none: nightshift practice up --driver vm.`,
  );
}
