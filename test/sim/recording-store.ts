import { epochMillis, type EpochMillis } from '../../shared/base/units.ts';
import type {
  CutEvent,
  EventStore,
  LogBase,
  Projection,
  ProjectionTable,
  Removal,
  StoredEvent,
  Tables,
} from '../../shared/ports/event-store.ts';
import { asText, MemoryTables } from '../../src-main/platform/store/memory-tables.ts';

/** The event store in memory, as text like the real one, so that nothing is shared by reference. */
export class RecordingStore<Event> implements EventStore<Event> {
  readonly #events: string[] = [];
  readonly #rows = new Map<ProjectionTable, Map<string, string>>();
  readonly #states = new Map<string, Set<string>>();
  readonly #baseTables = new MemoryTables();
  #base: LogBase = { seq: 0, until: epochMillis(0) };
  /** Pieces of its log that may be cut before the disk is full. */
  cutsLeft = Infinity;
  /** Set to make every append fail, as a full disk does. */
  full = false;

  append(
    at: EpochMillis,
    events: readonly Event[],
    projected: readonly (Projection | Removal)[],
  ): void {
    if (this.full) throw new Error('the disk is full');
    for (const event of events)
      this.#events.push(JSON.stringify({ seq: this.lastSeq() + 1, at, event }));
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
    for (const text of this.#events.slice(Math.max(0, afterSeq - this.#base.seq)))
      yield JSON.parse(text) as StoredEvent<Event>;
  }

  lastSeq(): number {
    return this.#base.seq + this.#events.length;
  }

  get base(): LogBase & { readonly tables: Tables } {
    return { ...this.#base, tables: this.#baseTables };
  }

  cut(events: Iterable<CutEvent>): void {
    this.full ||= (this.cutsLeft -= 1) < 0;
    if (this.full) throw new Error('the disk is full');
    const first = this.#base.seq;
    for (const { seq, until, rows } of events) {
      for (const row of rows) this.#baseTables.project(asText(row));
      this.#base = { seq, until };
    }
    this.#events.splice(0, this.#base.seq - first);
  }

  /** As a snapshot of the head's machine has it: set the store back to it, and what came after was never stored. */
  snapshot(): () => void {
    const [events, rows] = [
      [...this.#events],
      [...this.#rows].map(([table, of]) => [table, new Map(of)] as const),
    ];
    const [base, setBaseBack] = [this.#base, this.#baseTables.keep()];
    return () => {
      this.#base = base;
      setBaseBack();
      this.#events.splice(0, this.#events.length, ...events);
      this.#rows.clear();
      for (const [table, of] of rows) this.#rows.set(table, new Map(of));
    };
  }

  close(): void {
    // nothing to let go
  }
}
