import type { EpochMillis } from '../../shared/base/units.ts';
import type { Projection, Removal, StoredEvent } from '../../shared/ports/event-store.ts';
import { applyEvent, untouched } from '../core/lab/apply-event.ts';
import type { LabEvent } from '../core/lab/events.ts';
import { emptyLab } from '../core/lab/state.ts';
import { projectionsOf } from './lab-rows.ts';

export interface RowsOfEvent {
  readonly at: EpochMillis;
  readonly event: LabEvent;
  readonly rows: readonly (Projection | Removal)[];
}

/** The log told again, each event with the rows that it changes: what the tables would hold had nothing happened to them. */
export function* rowsFromLog(events: Iterable<StoredEvent<LabEvent>>): Iterable<RowsOfEvent> {
  const state = emptyLab();
  for (const { at, event } of events) {
    const touched = untouched();
    applyEvent(state, event, at, touched);
    yield { at, event, rows: projectionsOf(state, [{ touched, events: [event] }]) };
  }
}
