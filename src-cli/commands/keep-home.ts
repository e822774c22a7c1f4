import { answer } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { must } from '../core/refused.ts';

/** A copy of all that a lab needs to go on: jobs, results, keys, tokens, approvals. */
export async function backUp(world: World, json: boolean, to: string): Promise<number> {
  const path = world.files.absolute(to);
  must(await world.heads.keepHome('backup', path));
  answer(world, json, { path }, () => [
    `The lab of ${world.heads.home} is copied to ${path}. It holds the lab's keys: keep it where only you can read it.`,
  ]);
  return 0;
}

export async function restore(world: World, json: boolean, from: string): Promise<number> {
  const path = world.files.absolute(from);
  must(await world.heads.keepHome('restore', path));
  answer(world, json, { home: world.heads.home }, () => [
    `${world.heads.home} is as it was when ${path} was made; nightshift head goes on from there.`,
  ]);
  return 0;
}
