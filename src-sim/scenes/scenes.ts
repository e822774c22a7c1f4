import { SimulatedHead } from '../simulated-head.ts';
import { large } from './large.ts';
import { mishaps } from './mishaps.ts';
import { night } from './night.ts';
import { empty, practice } from './practice.ts';
import { small } from './small.ts';

/** Labs to look at, by name, as they are at this moment: `?scene=night`. */
export const scenes = {
  night: (now: number) => new SimulatedHead(night(now)),
  empty,
  small,
  mishaps,
  practice,
  large: (now: number) => new SimulatedHead(large(now)),
} as const;
export type SceneName = keyof typeof scenes;
