import type { Member } from '../../../shared/domain/member.ts';
import type { LabState } from '../state/state.ts';
import { isOpen } from '../state/fit.ts';

/** So many times the lab's median a PC's own word on its speed is believed. Old PCs and new ones differ by less. */
export const mostAboveMedian = 4;

/** Speeds as the members measured them, within what the others make likely: who says 10³⁰⁰ gets no more than the fastest. */
export class Speeds {
  readonly #most: number;
  /** The lab's median, the lower one of two: one of them may be the liar. */
  readonly #typical: number | undefined;

  constructor(state: LabState) {
    const speeds = [...state.members.values()]
      .filter((member) => isOpen(state, member))
      .map(({ facts }) => facts.speed)
      .sort((a, b) => a - b);
    this.#typical = speeds[Math.floor((speeds.length - 1) / 2)];
    this.#most = mostAboveMedian * (this.#typical ?? Infinity);
  }

  of({ facts }: Member): number {
    return Math.min(facts.speed, this.#most);
  }

  /** Larger is faster. PCs of one class count as equal. */
  classOf(member: Member): number {
    return speedClass(this.of(member), this.#typical);
  }
}

/**
 * Calibration is exact to about a tenth, so speeds count in steps of a tenth. The lab's median is in the middle of one: most labs are
 * of PCs of one kind, which a step's edge between them would tell apart by noise alone.
 */
export const speedClass = (speed: number, typical: number = speed): number =>
  Math.round(Math.log(Math.max(1, speed) / Math.max(1, typical)) / Math.log(1.1));
