import { monotonicMillis } from '../../shared/base/units.ts';
import type { CutEvent, EventStore } from '../../src-main/ports/event-store.ts';
import type { LabEvent } from '../../src-main/core/state/events.ts';
import { loadLab } from '../../src-main/shells/lab-rows.ts';
import { rowsOf } from '../../src-main/shells/rows-from-log.ts';

/** The next events with the rows that they lead to, whatever their age; the base as it is now is where they begin. */
export function* eventsToCut(store: EventStore<LabEvent>, count: number): Iterable<CutEvent> {
  const { base } = store;
  const state = loadLab(base.tables, monotonicMillis(0));
  const next = [...store.events(base.seq)].slice(0, count);
  for (const { seq, at, event } of next) yield { seq, until: at, rows: rowsOf(state, event, at) };
}

/** So many events leave. */
export function cutLog(store: EventStore<LabEvent>, count: number): void {
  store.cut(eventsToCut(store, count));
}

export const lengthOf = (store: EventStore<LabEvent>): number => store.lastSeq() - store.base.seq;
