import type { UnenrolledPcView } from '../../shared/api/views.ts';

/** UnenrolledPcs remembered at once; the one that was seen first is forgotten for the next. */
const mostUnenrolled = 200;

/** PCs that were seen and have not enrolled, each with what it said last. Nothing of this outlives the head. */
export class UnenrolledPcs {
  readonly #seen = new Map<string, UnenrolledPcView>();

  saw(pc: UnenrolledPcView): void {
    this.#seen.set(pc.machineKey, pc);
    if (this.#seen.size > mostUnenrolled) this.#seen.delete(this.#seen.keys().next().value ?? '');
  }

  /** It is a member now. */
  forget(machineKey: string): void {
    this.#seen.delete(machineKey);
  }

  all(): UnenrolledPcView[] {
    return [...this.#seen.values()];
  }
}
