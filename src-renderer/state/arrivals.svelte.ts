import type { LabView } from '../../shared/api/views.ts';
import { arrivalsBetween, type Arrival } from './arrivals-between.ts';

/** Long enough for an eye to follow. */
const shownFor = 2600;

/** A small task moves between two looks at the lab; what arrived is shown for a moment, so that it is seen at all. */
export class Arrivals {
  shown = $state.raw<readonly Arrival[]>([]);
  #before: LabView | undefined;
  #timers: readonly ReturnType<typeof setTimeout>[] = [];

  onView(view: LabView): void {
    const fresh = this.#before ? arrivalsBetween(this.#before, view) : [];
    this.#before = view;
    if (fresh.length === 0) return;
    const isFresh = ({ task }: Arrival): boolean => fresh.some((arrival) => arrival.task === task);
    this.shown = [...this.shown.filter((arrival) => !isFresh(arrival)), ...fresh];
    const timer = setTimeout(() => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.shown = this.shown.filter((arrival) => !fresh.includes(arrival));
    }, shownFor);
    this.#timers = [...this.#timers, timer];
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
