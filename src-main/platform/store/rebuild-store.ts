import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { epochMillis } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type {
  EventForm,
  Projection,
  Removal,
  StoredEvent,
  Tables,
} from '../../ports/event-store.ts';
import { syncFolderOf } from '../identity/private-file.ts';
import { cutUpTo, decodeBase, noBase } from './log-base.ts';
import { formWithBase, schemaVersion } from './schema.ts';
import { storeFiles } from './store-files.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import { StoredTables, tables, textOf } from './stored-tables.ts';

/**
 * Makes the tables anew from a log that is whole, and from its base where it was cut, in a new file that takes the place of
 * the damaged one; that one is kept beside it, and its path is what this returns. Throws `StoreFull` or `StoreBroken`, and
 * then all is as it was. `turnsOf`: `base` is null where the log has its first event.
 */
export function rebuildStore<Event>(
  path: string,
  form: EventForm<Event>,
  turnsOf: (
    events: Iterable<StoredEvent<Event>>,
    base: Tables | null,
  ) => Iterable<{
    readonly at: StoredEvent<Event>['at'];
    readonly event: Event;
    readonly rows: readonly (Projection | Removal)[];
  }>,
  now: Date,
): string {
  const fresh = `${path}.rebuilt`;
  for (const file of storeFiles(fresh)) rmSync(file, { force: true });
  const opened = SqliteEventStore.open<Event>(fresh, form);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const hasBase = schemaVersion(db) >= formWithBase;
    const base = (hasBase ? decodeBase(readCut(db)) : undefined) ?? noBase;
    const read = base.seq === 0 ? null : new StoredTables(db, 'base_');
    opened.value.fill(base, read ? readBase(db) : [], turnsOf(readLog(db, form), read));
  } finally {
    db.close();
    opened.value.close();
  }
  const aside = `${path}.damaged-${now.toISOString().slice(0, 19).replaceAll(':', '')}`;
  storeFiles(path).forEach((file, at) => {
    if (existsSync(file)) copyFileSync(file, storeFiles(aside)[at] ?? aside);
  });
  // A write-ahead log must never meet a file it was not written for.
  for (const file of storeFiles(path).slice(1)) rmSync(file, { force: true });
  renameSync(fresh, path);
  syncFolderOf(path);
  return aside;
}

function readCut(db: DatabaseSync): string | null {
  const row = db.prepare('SELECT value FROM about WHERE name = ?').get(cutUpTo);
  return row === undefined ? null : textOf(row['value']);
}

function* readBase(db: DatabaseSync): Iterable<Projection> {
  for (const table of tables)
    for (const row of db
      .prepare(`SELECT id, state, body FROM base_${table} ORDER BY place`)
      .iterate())
      yield {
        ...{ table, id: textOf(row['id']), state: textOf(row['state']) },
        body: JSON.parse(textOf(row['body'])) as unknown,
      };
}

function* readLog<Event>(db: DatabaseSync, form: EventForm<Event>): Iterable<StoredEvent<Event>> {
  for (const row of db.prepare('SELECT seq, at, body FROM events ORDER BY seq').iterate()) {
    const seq = Number(row['seq']);
    const event = form.decode(JSON.parse(String(row['body'])), seq);
    yield { seq, at: epochMillis(Number(row['at'])), event };
  }
}
