import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { epochMillis, type EpochMillis } from '../../../shared/base/units.ts';
import type {
  EventStore,
  Projection,
  ProjectionTable,
  StoredEvent,
} from '../../../shared/ports/event-store.ts';
import { migrate, migrations, schemaVersion } from './schema.ts';
import { asStoreFailure, openingFault } from './store-failures.ts';

const tables = ['lab', 'members', 'jobs', 'tasks'] as const satisfies readonly ProjectionTable[];

/** The log after a checkpoint is cut back to this, so that one busy night does not hold the disk for ever. */
const longestIdleLog = 16 * 1024 * 1024;

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
  readonly #upsert: Readonly<Record<ProjectionTable, StatementSync>>;
  readonly #select: Readonly<Record<ProjectionTable, StatementSync>>;
  #lastSeq: number;

  private constructor(path: string, db: DatabaseSync, kindOf: (event: Event) => string) {
    this.#path = path;
    this.#db = db;
    this.#kindOf = kindOf;
    this.#insertEvent = db.prepare('INSERT INTO events (seq, at, kind, body) VALUES (?, ?, ?, ?)');
    this.#selectEvents = db.prepare('SELECT seq, at, body FROM events WHERE seq > ? ORDER BY seq');
    this.#upsert = forEachTable((table) =>
      db.prepare(
        `INSERT INTO ${table} (id, state, body) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body`,
      ),
    );
    this.#select = forEachTable((table) => db.prepare(`SELECT body FROM ${table} ORDER BY place`));
    this.#lastSeq = Number(db.prepare('SELECT max(seq) AS seq FROM events').get()?.['seq'] ?? 0);
  }

  /** Opens or makes the store. A store of a newer Nightshift is refused and left as it is. */
  static open<Event>(
    path: string,
    kindOf: (event: Event) => string,
  ): Result<SqliteEventStore<Event>> {
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { timeout: 2000 });
      const version = schemaVersion(db);
      if (version > migrations.length) {
        db.close();
        return refuse(
          'refused',
          `${path} was written by a newer Nightshift (its form ${version}, this one reads up to ${migrations.length}); start that version, or give this one another home.`,
        );
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

  append(at: EpochMillis, events: readonly Event[], projected: readonly Projection[]): void {
    let seq = this.#lastSeq;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const event of events) {
        seq += 1;
        this.#insertEvent.run(seq, at, this.#kindOf(event), JSON.stringify(event));
      }
      for (const { table, id, state, body } of projected) {
        this.#upsert[table].run(id, state, JSON.stringify(body));
      }
      this.#db.exec('COMMIT');
      this.#lastSeq = seq;
    } catch (error) {
      // Some failures, a full disk among them, have ended the transaction already.
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asStoreFailure(this.#path, error);
    }
  }

  *rows(table: ProjectionTable): Iterable<unknown> {
    for (const row of this.#select[table].iterate()) yield JSON.parse(textOf(row['body']));
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
}

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
