import type {
  Projection,
  ProjectionTable,
  Removal,
  Tables,
} from '../src-main/ports/event-store.ts';

/** Projections in memory. Bodies are kept as text, so that nobody can change what was stored by changing what was handed in. */
export class MemoryTables implements Tables {
  #tables = new Map<ProjectionTable, Map<string, TextRow>>();
  /** States of the table `refs`, until it changes: who sweeps the head's disk asks for one after the other. */
  #refs: Set<string> | undefined;

  /** What there is now; called, it is that again. */
  keep(): () => void {
    const kept = new Map([...this.#tables].map(([table, rows]) => [table, new Map(rows)]));
    return () => {
      this.#tables = new Map([...kept].map(([table, rows]) => [table, new Map(rows)]));
      this.#refs = undefined;
    };
  }

  project(row: TextProjection | Removal): void {
    const table = this.#tables.get(row.table) ?? new Map<string, TextRow>();
    this.#tables.set(row.table, table);
    if (row.table === 'refs') this.#refs = undefined;
    if (!('gone' in row)) table.set(row.id, { state: row.state, text: row.text });
    else for (const id of [...table.keys()]) if (leaves(id, row)) table.delete(id);
  }

  *rows(table: ProjectionTable): Iterable<unknown> {
    for (const { text } of this.#tables.get(table)?.values() ?? []) yield JSON.parse(text);
  }

  row(table: ProjectionTable, id: string): unknown {
    const row = this.#tables.get(table)?.get(id);
    return row === undefined ? undefined : JSON.parse(row.text);
  }

  hasState(table: ProjectionTable, state: string): boolean {
    const states = (table === 'refs' ? this.#refs : undefined) ?? this.#statesOf(table);
    if (table === 'refs') this.#refs = states;
    return states.has(state);
  }

  #statesOf(table: ProjectionTable): Set<string> {
    return new Set([...(this.#tables.get(table)?.values() ?? [])].map((row) => row.state));
  }

  *parts(table: ProjectionTable, id: string): Iterable<unknown> {
    for (const [key, { text }] of this.#tables.get(table) ?? [])
      if (key.startsWith(`${id}.`)) yield JSON.parse(text);
  }
}

interface TextRow {
  readonly state: string;
  readonly text: string;
}

export interface TextProjection extends Omit<Projection, 'body'> {
  readonly text: string;
}

/** Throws where there is nothing to store. */
export function asText(row: Projection | Removal): TextProjection | Removal {
  if ('gone' in row) return row;
  return { table: row.table, id: row.id, state: row.state, text: textOf(row.body) };
}

export function textOf(body: unknown): string {
  const text: string | undefined = JSON.stringify(body);
  if (text === undefined) throw new TypeError('there is nothing to store');
  return text;
}

const leaves = (id: string, { gone, withParts }: Removal): boolean =>
  id === gone || (withParts === true && id.startsWith(`${gone}.`));
