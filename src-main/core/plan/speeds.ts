import type { Member } from '../../../shared/domain/member.ts';
import type { LabState } from '../state/state.ts';
import { isOpen } from '../state/fit.ts';

/** So many times the lab's median a PC's own word on its speed is believed. Old PCs and new ones differ by less. */
export const mostAboveMedian = 4;

/** Speeds as the members measured them, within what the others make likely: who says 10³⁰⁰ gets no more than the fastest. */
export class Speeds {
  readonly #most: number;

  constructor(state: LabState) {
    const speeds = [...state.members.values()]
      .filter((member) => isOpen(state, member))
      .map(({ facts }) => facts.speed)
      .sort((a, b) => a - b);
    // The lower one of two: one of them may be the liar.
    this.#most = mostAboveMedian * (speeds[Math.floor((speeds.length - 1) / 2)] ?? Infinity);
  }

  of({ facts }: Member): number {
    return Math.min(facts.speed, this.#most);
  }
}
