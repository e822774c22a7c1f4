import type { StrangerView } from '../../shared/api/views.ts';

/** Strangers remembered at once; the one that was seen first is forgotten for the next. */
const mostStrangers = 200;

/** PCs that were seen and have not enrolled, each with what it said last. Nothing of this outlives the head. */
export class Strangers {
  readonly #seen = new Map<string, StrangerView>();

  saw(stranger: StrangerView): void {
    this.#seen.set(stranger.machineKey, stranger);
    if (this.#seen.size > mostStrangers) this.#seen.delete(this.#seen.keys().next().value ?? '');
  }

  /** It is a member now. */
  forget(machineKey: string): void {
    this.#seen.delete(machineKey);
  }

  all(): StrangerView[] {
    return [...this.#seen.values()];
  }
}
