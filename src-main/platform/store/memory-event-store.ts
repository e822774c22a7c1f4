import type { EpochMillis } from '../../../shared/base/units.ts';
import type {
  EventStore,
  Projection,
  ProjectionTable,
  Removal,
  StoredEvent,
} from '../../../shared/ports/event-store.ts';

/**
 * The simulated twin of the SQLite store, held to the same contract. Bodies are kept as text, so that nobody can
 * change what was stored by changing what was handed in.
 */
export class MemoryEventStore<Event> implements EventStore<Event> {
  readonly #events: { readonly at: EpochMillis; readonly body: string }[] = [];
  readonly #tables: Readonly<
    Record<ProjectionTable, Map<string, { readonly state: string; readonly body: string }>>
  > = {
    lab: new Map(),
    members: new Map(),
    jobs: new Map(),
    tasks: new Map(),
    refs: new Map(),
  };
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
    const rows = projected.map((row) =>
      'gone' in row
        ? row
        : { table: row.table, id: row.id, state: row.state, body: textOf(row.body) },
    );
    this.#events.push(...bodies);
    for (const row of rows) {
      const table = this.#tables[row.table];
      if (!('gone' in row)) table.set(row.id, { state: row.state, body: row.body });
      else for (const id of [...table.keys()]) if (leaves(id, row)) table.delete(id);
    }
  }

  *rows(table: ProjectionTable): Iterable<unknown> {
    for (const { body } of this.#tables[table].values()) yield JSON.parse(body);
  }

  row(table: ProjectionTable, id: string): unknown {
    const row = this.#tables[table].get(id);
    return row === undefined ? undefined : JSON.parse(row.body);
  }

  hasState(table: ProjectionTable, state: string): boolean {
    return [...this.#tables[table].values()].some((row) => row.state === state);
  }

  *parts(table: ProjectionTable, id: string): Iterable<unknown> {
    for (const [key, { body }] of this.#tables[table])
      if (key.startsWith(`${id}.`)) yield JSON.parse(body);
  }

  *events(afterSeq: number): Iterable<StoredEvent<Event>> {
    for (let seq = Math.max(0, afterSeq) + 1; seq <= this.#events.length; seq += 1) {
      const stored = this.#events[seq - 1];
      if (stored) yield { seq, at: stored.at, event: JSON.parse(stored.body) as Event };
    }
  }

  lastSeq(): number {
    return this.#events.length;
  }

  close(): void {
    // Nothing is held.
  }
}

const leaves = (id: string, { gone, withParts }: Removal): boolean =>
  id === gone || (withParts === true && id.startsWith(`${gone}.`));

function textOf(body: unknown): string {
  const text: string | undefined = JSON.stringify(body);
  if (text === undefined) throw new TypeError('there is nothing to store');
  return text;
}
