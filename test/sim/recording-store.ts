import type { EpochMillis } from '../../shared/base/units.ts';
import type {
  EventStore,
  Projection,
  ProjectionTable,
  Removal,
  StoredEvent,
} from '../../shared/ports/event-store.ts';

/** The event store in memory, as text like the real one, so that nothing is shared by reference. */
export class RecordingStore<Event> implements EventStore<Event> {
  readonly #events: string[] = [];
  readonly #rows = new Map<ProjectionTable, Map<string, string>>();
  readonly #states = new Map<string, Set<string>>();
  /** Set to make every append fail, as a full disk does. */
  full = false;

  append(
    at: EpochMillis,
    events: readonly Event[],
    projected: readonly (Projection | Removal)[],
  ): void {
    if (this.full) throw new Error('the disk is full');
    for (const event of events)
      this.#events.push(JSON.stringify({ seq: this.#events.length + 1, at, event }));
    for (const row of projected) {
      let table = this.#rows.get(row.table);
      if (!table) this.#rows.set(row.table, (table = new Map<string, string>()));
      if (!('gone' in row)) {
        table.set(row.id, JSON.stringify(row.body));
        const key = `${row.table} ${row.state}`;
        if (row.table === 'refs')
          this.#states.set(key, (this.#states.get(key) ?? new Set()).add(row.id));
      } else {
        const { gone, withParts } = row;
        for (const id of [...table.keys()])
          if (id === gone || (withParts === true && id.startsWith(`${gone}.`))) table.delete(id);
      }
    }
  }

  row(table: ProjectionTable, id: string): unknown {
    const text = this.#rows.get(table)?.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  hasState(table: ProjectionTable, state: string): boolean {
    const ids = this.#states.get(`${table} ${state}`);
    return [...(ids ?? [])].some((id) => this.#rows.get(table)?.has(id) === true);
  }

  *parts(table: ProjectionTable, id: string): Iterable<unknown> {
    for (const [key, text] of this.#rows.get(table) ?? [])
      if (key.startsWith(`${id}.`)) yield JSON.parse(text) as unknown;
  }

  *rows(table: ProjectionTable): Iterable<unknown> {
    for (const text of this.#rows.get(table)?.values() ?? []) yield JSON.parse(text) as unknown;
  }

  /** How often somebody began to read the log. */
  eventsRead = 0;

  *events(afterSeq: number): Iterable<StoredEvent<Event>> {
    this.eventsRead += 1;
    for (const text of this.#events.slice(afterSeq)) yield JSON.parse(text) as StoredEvent<Event>;
  }

  lastSeq(): number {
    return this.#events.length;
  }

  /** As a snapshot of the head's machine has it: set the store back to it, and what came after was never stored. */
  snapshot(): () => void {
    const [events, rows] = [
      [...this.#events],
      [...this.#rows].map(([table, of]) => [table, new Map(of)] as const),
    ];
    return () => {
      this.#events.splice(0, this.#events.length, ...events);
      this.#rows.clear();
      for (const [table, of] of rows) this.#rows.set(table, new Map(of));
    };
  }

  close(): void {
    // nothing to let go
  }
}
