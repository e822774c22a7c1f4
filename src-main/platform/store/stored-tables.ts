import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Projection, ProjectionTable, Removal, Tables } from '../../ports/event-store.ts';
import { sumOf } from './row-sums.ts';

export const tables = [
  'lab',
  'members',
  'jobs',
  'tasks',
  'refs',
] as const satisfies readonly ProjectionTable[];

/** Statements for each table. */
type ForEachTable = Readonly<Record<ProjectionTable, StatementSync>>;

/** Read in one go; no statement stays open meanwhile, so whoever reads may pause between two rows. */
const rowsAtOnce = 200;

/** One set of projections: those of today (no prefix), or those of the log's base. */
export class StoredTables implements Tables {
  readonly #upsert: ForEachTable;
  readonly #select: ForEachTable;
  readonly #selectOne: ForEachTable;
  readonly #selectState: ForEachTable;
  readonly #selectParts: ForEachTable;
  readonly #delete: ForEachTable;
  readonly #deleteParts: ForEachTable;
  readonly #sums: ForEachTable;

  constructor(db: DatabaseSync, prefix: '' | 'base_') {
    const forEachTable = (sql: (table: string) => string): ForEachTable =>
      Object.fromEntries(
        tables.map((table) => [table, db.prepare(sql(prefix + table))]),
      ) as ForEachTable;
    // '/' is the character after '.', so these are the ids that begin with `<id>.`.
    const parts = `id > ? || '.' AND id < ? || '/'`;
    this.#upsert = forEachTable(
      (table) =>
        `INSERT INTO ${table} (id, state, body, sum) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body, sum = excluded.sum`,
    );
    this.#select = forEachTable(
      (table) =>
        `SELECT place, body FROM ${table} WHERE place > ? ORDER BY place LIMIT ${rowsAtOnce}`,
    );
    this.#selectOne = forEachTable((table) => `SELECT body FROM ${table} WHERE id = ?`);
    this.#selectState = forEachTable((table) => `SELECT 1 FROM ${table} WHERE state = ? LIMIT 1`);
    this.#selectParts = forEachTable(
      (table) => `SELECT body FROM ${table} WHERE ${parts} ORDER BY place`,
    );
    this.#delete = forEachTable((table) => `DELETE FROM ${table} WHERE id = ?`);
    this.#deleteParts = forEachTable((table) => `DELETE FROM ${table} WHERE ${parts}`);
    this.#sums = forEachTable(
      (table) =>
        `SELECT coalesce(sum(sum), 0) AS sum FROM ${table} WHERE id = ?1 OR (?2 AND id > ?1 || '.' AND id < ?1 || '/')`,
    );
  }

  project(row: Projection | Removal): void {
    const { table } = row;
    if ('gone' in row) {
      this.#delete[table].run(row.gone);
      if (row.withParts === true) this.#deleteParts[table].run(row.gone, row.gone);
      return;
    }
    const { id, state } = row;
    const body = JSON.stringify(row.body);
    this.#upsert[table].run(id, state, body, sumOf(id, state, body));
  }

  /** Does the same, and tells by how much the sum of all sums has changed: a row that is missing will be noticed, too. */
  projectSummed(row: Projection | Removal): number {
    const { table } = row;
    const isGone = 'gone' in row;
    const id = isGone ? row.gone : row.id;
    const before = this.#sum(table, id, isGone && row.withParts === true);
    this.project(row);
    return isGone ? -before : this.#sum(table, id, false) - before;
  }

  *rows(table: ProjectionTable): Iterable<unknown> {
    for (let last = 0; ;) {
      const page = this.#select[table].all(last);
      for (const row of page) yield bodyOf(row);
      if (page.length < rowsAtOnce) return;
      last = Number(page.at(-1)?.['place']);
    }
  }

  row(table: ProjectionTable, id: string): unknown {
    const row = this.#selectOne[table].get(id);
    return row === undefined ? undefined : bodyOf(row);
  }

  hasState(table: ProjectionTable, state: string): boolean {
    return this.#selectState[table].get(state) !== undefined;
  }

  *parts(table: ProjectionTable, id: string): Iterable<unknown> {
    for (const row of this.#selectParts[table].iterate(id, id)) yield bodyOf(row);
  }

  #sum(table: ProjectionTable, id: string, withParts: boolean): number {
    return Number(this.#sums[table].get(id, withParts ? 1 : 0)?.['sum'] ?? 0);
  }
}

const bodyOf = (row: Record<string, unknown>): unknown => JSON.parse(textOf(row['body']));

export const textOf = (column: unknown): string => (typeof column === 'string' ? column : '');
