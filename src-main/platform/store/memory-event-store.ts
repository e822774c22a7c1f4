import { epochMillis, type EpochMillis } from '../../../shared/base/units.ts';
import type {
  CutEvent,
  EventStore,
  LogBase,
  Projection,
  ProjectionTable,
  Removal,
  StoredEvent,
  Tables,
} from '../../../shared/ports/event-store.ts';
import { asText, MemoryTables, textOf } from './memory-tables.ts';

/** The simulated twin of the SQLite store, held to the same contract. */
export class MemoryEventStore<Event> implements EventStore<Event> {
  readonly #events: { readonly at: EpochMillis; readonly body: string }[] = [];
  readonly #tables = new MemoryTables();
  readonly #baseTables = new MemoryTables();
  #base: LogBase = { seq: 0, until: epochMillis(0) };
  #fault: Error | undefined;

  /** From now on every append throws this, until it is taken back with undefined. */
  refuseAppends(fault: Error | undefined): void {
    this.#fault = fault;
  }

  append(
    at: EpochMillis,
    events: readonly Event[],
    projected: readonly (Projection | Removal)[],
  ): void {
    if (this.#fault !== undefined) throw this.#fault;
    // All that can throw comes before anything is kept.
    const bodies = events.map((event) => ({ at, body: textOf(event) }));
    const rows = projected.map(asText);
    this.#events.push(...bodies);
    for (const row of rows) this.#tables.project(row);
  }

  get base(): LogBase & { readonly tables: Tables } {
    return { ...this.#base, tables: this.#baseTables };
  }

  cut(events: Iterable<CutEvent>): void {
    if (this.#fault !== undefined) throw this.#fault;
    // Whoever tells the next event looks into the base as it is by then.
    let base = this.#base;
    const setBack = this.#baseTables.keep();
    try {
      for (const { seq, until, rows } of events) {
        for (const row of rows) this.#baseTables.project(asText(row));
        base = { seq, until };
      }
    } catch (error) {
      setBack();
      throw error;
    }
    this.#events.splice(0, base.seq - this.#base.seq);
    this.#base = base;
  }

  rows(table: ProjectionTable): Iterable<unknown> {
    return this.#tables.rows(table);
  }

  row(table: ProjectionTable, id: string): unknown {
    return this.#tables.row(table, id);
  }

  hasState(table: ProjectionTable, state: string): boolean {
    return this.#tables.hasState(table, state);
  }

  parts(table: ProjectionTable, id: string): Iterable<unknown> {
    return this.#tables.parts(table, id);
  }

  *events(afterSeq: number): Iterable<StoredEvent<Event>> {
    for (let seq = Math.max(this.#base.seq, afterSeq) + 1; seq <= this.lastSeq(); seq += 1) {
      const stored = this.#events[seq - this.#base.seq - 1];
      if (stored) yield { seq, at: stored.at, event: JSON.parse(stored.body) as Event };
    }
  }

  lastSeq(): number {
    return this.#base.seq + this.#events.length;
  }

  close(): void {
    // Nothing is held.
  }
}
