import { epochMillis, type EpochMillis } from '../shared/base/units.ts';
import type {
  CutEvent,
  EventForm,
  EventStore,
  LogBase,
  Projection,
  ProjectionTable,
  Removal,
  StoredEvent,
  Tables,
} from '../src-main/ports/event-store.ts';
import { asText, MemoryTables, textOf } from './memory-tables.ts';

/** The simulated twin of the SQLite store, held to the same contract. What is kept is text, so nothing is shared by reference. */
export class MemoryEventStore<Event> implements EventStore<Event> {
  /** Set to make every append and cut fail, as a full disk does. */
  full = false;
  /** Pieces of its log that may be cut before the disk is full. */
  cutsLeft = Infinity;
  /** How often somebody began to read the log. */
  eventsRead = 0;
  readonly #events: { readonly at: EpochMillis; readonly body: string }[] = [];
  readonly #tables = new MemoryTables();
  readonly #baseTables = new MemoryTables();
  #base: LogBase = { seq: 0, until: epochMillis(0) };
  readonly #form: EventForm<Event>;

  constructor(form: EventForm<Event>) {
    this.#form = form;
  }

  append(
    at: EpochMillis,
    events: readonly Event[],
    projected: readonly (Projection | Removal)[],
  ): void {
    if (this.full) throw new Error('the disk is full');
    // All that can throw comes before anything is kept.
    const bodies = events.map((event) => ({ at, body: textOf(this.#form.encode(event)) }));
    const rows = projected.map(asText);
    this.#events.push(...bodies);
    for (const row of rows) this.#tables.project(row);
  }

  get base(): LogBase & { readonly tables: Tables } {
    return { ...this.#base, tables: this.#baseTables };
  }

  /** What is not used any more is nobody's at once. */
  giveBack(): boolean {
    return false;
  }

  cut(events: Iterable<CutEvent>): void {
    this.full ||= (this.cutsLeft -= 1) < 0;
    if (this.full) throw new Error('the disk is full');
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
    this.eventsRead += 1;
    for (let seq = Math.max(this.#base.seq, afterSeq) + 1; seq <= this.lastSeq(); seq += 1) {
      const stored = this.#events[seq - this.#base.seq - 1];
      if (stored)
        yield { seq, at: stored.at, event: this.#form.decode(JSON.parse(stored.body), seq) };
    }
  }

  lastSeq(): number {
    return this.#base.seq + this.#events.length;
  }

  /** As a snapshot of the head's machine has it: called, the store is that again, and what came after was never stored. */
  snapshot(): () => void {
    const [events, base] = [[...this.#events], this.#base];
    const [setTablesBack, setBaseBack] = [this.#tables.keep(), this.#baseTables.keep()];
    return () => {
      this.#base = base;
      this.#events.splice(0, this.#events.length, ...events);
      setTablesBack();
      setBaseBack();
    };
  }

  close(): void {
    // Nothing is held.
  }
}
