import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { epochMillis, type EpochMillis } from '../../../shared/base/units.ts';
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
} from '../../ports/event-store.ts';
import { cutUpTo, decodeBase, encodeBase, noBase, type StoredBase } from './log-base.ts';
import { sumOf } from './row-sums.ts';
import { migrate, migrations, schemaVersion } from './schema.ts';
import { asStoreFailure, openingFault } from './store-failures.ts';
import { StoredTables, textOf } from './stored-tables.ts';

/** The log after a checkpoint is cut back to this, so that one busy night does not hold the disk for ever. */
const longestIdleLog = 16 * 1024 * 1024;
/** Pages of 4 KiB that are given back in one transaction, a few milliseconds long; so many unused ones are kept for what comes. */
const pagesAtOnce = 256;

/**
 * The event log and its projections in one SQLite file. `synchronous=FULL` with a write-ahead log: a commit is on
 * the disk when it returns, and a kill in the middle leaves the commit before it.
 */
export class SqliteEventStore<Event> implements EventStore<Event> {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #form: EventForm<Event>;
  readonly #insertEvent: StatementSync;
  readonly #selectEvents: StatementSync;
  readonly #deleteEvents: StatementSync;
  readonly #tables: StoredTables;
  readonly #baseTables: StoredTables;
  #onStored: (lastSeq: number) => void = () => undefined;
  #base: StoredBase;
  #lastSeq: number;

  private constructor(path: string, db: DatabaseSync, form: EventForm<Event>) {
    this.#path = path;
    this.#db = db;
    this.#form = form;
    this.#insertEvent = db.prepare(
      'INSERT INTO events (seq, at, kind, body, sum) VALUES (?, ?, ?, ?, ?)',
    );
    this.#selectEvents = db.prepare('SELECT seq, at, body FROM events WHERE seq > ? ORDER BY seq');
    this.#deleteEvents = db.prepare('DELETE FROM events WHERE seq <= ?');
    this.#tables = new StoredTables(db, '');
    this.#baseTables = new StoredTables(db, 'base_');
    this.#base = decodeBase(this.about(cutUpTo)) ?? noBase;
    this.#lastSeq = Number(
      db.prepare('SELECT max(seq) AS seq FROM events').get()?.['seq'] ?? this.#base.seq,
    );
  }

  /** Opens or makes the store. A store of a newer Nightshift is refused and left as it is. */
  static open<Event>(path: string, form: EventForm<Event>): Result<SqliteEventStore<Event>> {
    let db: DatabaseSync | undefined;
    try {
      makePrivate(path);
      db = new DatabaseSync(path, { timeout: 2000 });
      const version = schemaVersion(db);
      if (version > migrations.length) {
        db.close();
        return refuse('refused', newerStore(path, version));
      }
      letShrink(db);
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF');
      db.exec(`PRAGMA journal_size_limit = ${longestIdleLog}`);
      migrate(db);
      return ok(new SqliteEventStore(path, db, form));
    } catch (error) {
      if (db?.isOpen) db.close();
      return refuse('failed', openingFault(path, error));
    }
  }

  /** Fills an empty store in one transaction: with base and log of another, and the rows that they lead to. */
  fill(
    base: StoredBase,
    rowsOfBase: Iterable<Projection>,
    turns: Iterable<{
      readonly at: EpochMillis;
      readonly event: Event;
      readonly rows: readonly (Projection | Removal)[];
    }>,
  ): void {
    this.#transaction(() => {
      for (const row of rowsOfBase)
        for (const into of [this.#tables, this.#baseTables]) into.project(row);
      this.#setBase(base);
      this.#lastSeq = base.seq;
      for (const { at, event, rows } of turns) {
        this.#lastSeq = this.#insert(at, [event]);
        for (const row of rows) this.#tables.project(row);
      }
    });
  }

  get base(): LogBase & { readonly tables: Tables } {
    return { ...this.#base, tables: this.#baseTables };
  }

  cut(events: Iterable<CutEvent>): void {
    let base = this.#base;
    this.#transaction(() => {
      for (const { seq, until, rows } of events) {
        let { total } = base;
        for (const row of rows) total += this.#baseTables.projectSummed(row);
        base = { seq, until, total };
      }
      this.#deleteEvents.run(base.seq);
      this.#setBase(base);
    });
    this.#base = base;
  }

  giveBack(): boolean {
    const unused = (): number =>
      Number(this.#db.prepare('PRAGMA freelist_count').get()?.['freelist_count']);
    try {
      if (unused() <= pagesAtOnce) return false;
      this.#db.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
      return unused() > pagesAtOnce;
    } catch (error) {
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
      this.#tellAbout(name, value);
    } catch (error) {
      throw asStoreFailure(this.#path, error);
    }
  }

  append(
    at: EpochMillis,
    events: readonly Event[],
    projected: readonly (Projection | Removal)[],
  ): void {
    let seq = this.#lastSeq;
    this.#transaction(() => {
      seq = this.#insert(at, events);
      for (const row of projected) this.#tables.project(row);
    });
    this.#lastSeq = seq;
    this.#onStored(this.#lastSeq);
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
    for (const row of this.#selectEvents.iterate(afterSeq)) {
      const seq = Number(row['seq']);
      const event = this.#form.decode(JSON.parse(textOf(row['body'])), seq);
      yield { seq, at: epochMillis(Number(row['at'])), event };
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
      const [kind, body] = [this.#form.kindOf(event), JSON.stringify(this.#form.encode(event))];
      this.#insertEvent.run(seq, at, kind, body, sumOf(seq, at, kind, body));
    }
    return seq;
  }

  #setBase(base: StoredBase): void {
    if (base.seq > 0) this.#tellAbout(cutUpTo, encodeBase(base));
  }

  #tellAbout(name: string, value: string): void {
    this.#db.prepare('INSERT OR REPLACE INTO about (name, value) VALUES (?, ?)').run(name, value);
  }

  /** As a whole or not at all. */
  #transaction(act: () => void): void {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      act();
      this.#db.exec('COMMIT');
    } catch (error) {
      // Some failures, a full disk among them, have ended the transaction already.
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asStoreFailure(this.#path, error);
    }
  }
}

/**
 * Space that nothing uses any more can be given back to the disk (sqlite.org/pragma.html#pragma_auto_vacuum). A store of before is
 * written anew for it, once; where that does not work, for want of room or whatever else, it stays as it is until the next start.
 */
function letShrink(db: DatabaseSync): void {
  const incremental = 2;
  if (Number(db.prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum']) === incremental) return;
  db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count'] ?? 0);
  if (pages === 0) return;
  try {
    db.exec('VACUUM');
  } catch {
    // What is the matter with it is found out, and said, by whoever reads it.
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
