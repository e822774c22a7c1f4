import { monotonicMillis, type EpochMillis } from '../../shared/base/units.ts';
import type { Projection, Removal, StoredEvent, Tables } from '../ports/event-store.ts';
import { applyEvent } from '../core/state/apply-event.ts';
import { untouched } from '../core/state/touched.ts';
import type { LabEvent } from '../core/state/events.ts';
import { emptyLab, type LabState } from '../core/state/state.ts';
import { loadLab, projectionsOf } from './lab-rows.ts';

export interface RowsOfEvent {
  readonly at: EpochMillis;
  readonly event: LabEvent;
  readonly rows: readonly (Projection | Removal)[];
}

/**
 * The log told again, each event with the rows that it changes: what the tables would hold had nothing happened to them.
 * `base`: they as they were when the log was cut, if it was.
 */
export function* rowsFromLog(
  events: Iterable<StoredEvent<LabEvent>>,
  base: Tables | null = null,
): Iterable<RowsOfEvent> {
  const state = base ? loadLab(base, monotonicMillis(0)) : emptyLab();
  for (const { at, event } of events) yield { at, event, rows: rowsOf(state, event, at) };
}

/** What the event changes, in the state and of its rows. */
export function rowsOf(
  state: LabState,
  event: LabEvent,
  at: EpochMillis,
): readonly (Projection | Removal)[] {
  const touched = untouched();
  applyEvent(state, event, at, touched);
  return projectionsOf(state, [{ touched, events: [event] }]);
}
