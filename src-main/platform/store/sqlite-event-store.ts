import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { epochMillis, type EpochMillis } from '../../../shared/base/units.ts';
import type {
  EventStore,
  Projection,
  ProjectionTable,
  Removal,
  StoredEvent,
} from '../../../shared/ports/event-store.ts';
import { sumOf } from './row-sums.ts';
import { migrate, migrations, schemaVersion } from './schema.ts';
import { asStoreFailure, openingFault } from './store-failures.ts';

const tables = [
  'lab',
  'members',
  'jobs',
  'tasks',
  'refs',
] as const satisfies readonly ProjectionTable[];

/** The log after a checkpoint is cut back to this, so that one busy night does not hold the disk for ever. */
const longestIdleLog = 16 * 1024 * 1024;

/** Statements for each table. */
type ForEachTable = Readonly<Record<ProjectionTable, StatementSync>>;

/**
 * The event log and its projections in one SQLite file. `synchronous=FULL` with a write-ahead log: a commit is on
 * the disk when it returns, and a kill in the middle leaves the commit before it. `kindOf` names an event for
 * people who look into the file with SQL.
 */
export class SqliteEventStore<Event> implements EventStore<Event> {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #kindOf: (event: Event) => string;
  readonly #insertEvent: StatementSync;
  readonly #selectEvents: StatementSync;
  readonly #upsert: ForEachTable;
  readonly #select: ForEachTable;
  readonly #selectOne: ForEachTable;
  readonly #selectState: ForEachTable;
  readonly #selectParts: ForEachTable;
  readonly #delete: ForEachTable;
  readonly #deleteParts: ForEachTable;
  #onStored: (lastSeq: number) => void = () => undefined;
  #lastSeq: number;

  private constructor(path: string, db: DatabaseSync, kindOf: (event: Event) => string) {
    this.#path = path;
    this.#db = db;
    this.#kindOf = kindOf;
    this.#insertEvent = db.prepare(
      'INSERT INTO events (seq, at, kind, body, sum) VALUES (?, ?, ?, ?, ?)',
    );
    this.#selectEvents = db.prepare('SELECT seq, at, body FROM events WHERE seq > ? ORDER BY seq');
    this.#upsert = forEachTable((table) =>
      db.prepare(
        `INSERT INTO ${table} (id, state, body, sum) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body, sum = excluded.sum`,
      ),
    );
    this.#select = forEachTable((table) => db.prepare(`SELECT body FROM ${table} ORDER BY place`));
    this.#selectOne = forEachTable((table) => db.prepare(`SELECT body FROM ${table} WHERE id = ?`));
    this.#selectState = forEachTable((table) =>
      db.prepare(`SELECT 1 FROM ${table} WHERE state = ? LIMIT 1`),
    );
    // '/' is the character after '.', so these are the ids that begin with `<id>.`.
    const parts = `id > ? || '.' AND id < ? || '/'`;
    this.#selectParts = forEachTable((table) =>
      db.prepare(`SELECT body FROM ${table} WHERE ${parts} ORDER BY place`),
    );
    this.#delete = forEachTable((table) => db.prepare(`DELETE FROM ${table} WHERE id = ?`));
    this.#deleteParts = forEachTable((table) => db.prepare(`DELETE FROM ${table} WHERE ${parts}`));
    this.#lastSeq = Number(db.prepare('SELECT max(seq) AS seq FROM events').get()?.['seq'] ?? 0);
  }

  /** Opens or makes the store. A store of a newer Nightshift is refused and left as it is. */
  static open<Event>(
    path: string,
    kindOf: (event: Event) => string,
  ): Result<SqliteEventStore<Event>> {
    let db: DatabaseSync | undefined;
    try {
      makePrivate(path);
      db = new DatabaseSync(path, { timeout: 2000 });
      const version = schemaVersion(db);
      if (version > migrations.length) {
        db.close();
        return refuse('refused', newerStore(path, version));
      }
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF');
      db.exec(`PRAGMA journal_size_limit = ${longestIdleLog}`);
      migrate(db);
      return ok(new SqliteEventStore(path, db, kindOf));
    } catch (error) {
      if (db?.isOpen) db.close();
      return refuse('failed', openingFault(path, error));
    }
  }

  /** Fills an empty store in one transaction: with the log of another, and the rows that it leads to. */
  fill(
    turns: Iterable<{
      readonly at: EpochMillis;
      readonly event: Event;
      readonly rows: readonly (Projection | Removal)[];
    }>,
  ): void {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const { at, event, rows } of turns) {
        this.#lastSeq = this.#insert(at, [event]);
        for (const row of rows) this.#project(row);
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asStoreFailure(this.#path, error);
    }
  }

  /** Calls back after each transaction with the number of the newest event. */
  onStored(listener: (lastSeq: number) => void): void {
    this.#onStored = listener;
  }

  /** Facts about the store beside its log, such as whose it is; null where nothing was written. */
  about(name: string): string | null {
    const row = this.#db.prepare('SELECT value FROM about WHERE name = ?').get(name);
    return row === undefined ? null : textOf(row['value']);
  }

  tell(name: string, value: string): void {
    try {
      this.#db.prepare('INSERT OR REPLACE INTO about (name, value) VALUES (?, ?)').run(name, value);
    } catch (error) {
      throw asStoreFailure(this.#path, error);
    }
  }

  append(
    at: EpochMillis,
    events: readonly Event[],
    projected: readonly (Projection | Removal)[],
  ): void {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const seq = this.#insert(at, events);
      for (const row of projected) this.#project(row);
      this.#db.exec('COMMIT');
      this.#lastSeq = seq;
    } catch (error) {
      // Some failures, a full disk among them, have ended the transaction already.
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asStoreFailure(this.#path, error);
    }
    this.#onStored(this.#lastSeq);
  }

  *rows(table: ProjectionTable): Iterable<unknown> {
    for (const row of this.#select[table].iterate()) yield JSON.parse(textOf(row['body']));
  }

  row(table: ProjectionTable, id: string): unknown {
    const row = this.#selectOne[table].get(id);
    return row === undefined ? undefined : JSON.parse(textOf(row['body']));
  }

  hasState(table: ProjectionTable, state: string): boolean {
    return this.#selectState[table].get(state) !== undefined;
  }

  *parts(table: ProjectionTable, id: string): Iterable<unknown> {
    for (const row of this.#selectParts[table].iterate(id, id))
      yield JSON.parse(textOf(row['body']));
  }

  *events(afterSeq: number): Iterable<StoredEvent<Event>> {
    for (const row of this.#selectEvents.iterate(afterSeq)) {
      yield {
        seq: Number(row['seq']),
        at: epochMillis(Number(row['at'])),
        event: JSON.parse(textOf(row['body'])) as Event,
      };
    }
  }

  lastSeq(): number {
    return this.#lastSeq;
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #insert(at: EpochMillis, events: readonly Event[]): number {
    let seq = this.#lastSeq;
    for (const event of events) {
      seq += 1;
      const [kind, body] = [this.#kindOf(event), JSON.stringify(event)];
      this.#insertEvent.run(seq, at, kind, body, sumOf(seq, at, kind, body));
    }
    return seq;
  }

  #project(row: Projection | Removal): void {
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
}

/** SQLite gives the log beside the file the file's own mode. Why it cannot be made, SQLite says better. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch {
    return;
  }
}

export const newerStore = (path: string, version: number): string =>
  `${path} was written by a newer Nightshift (its form ${version}, this one reads up to ${migrations.length}); start that version, or give this one another home.`;

function forEachTable<Value>(
  make: (table: ProjectionTable) => Value,
): Record<ProjectionTable, Value> {
  return Object.fromEntries(tables.map((table) => [table, make(table)])) as Record<
    ProjectionTable,
    Value
  >;
}

function textOf(column: unknown): string {
  return typeof column === 'string' ? column : '';
}
