import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { epochMillis } from '../../../shared/base/units.ts';
import type { Projection, Removal, StoredEvent } from '../../../shared/ports/event-store.ts';
import { syncFolderOf } from '../identity/private-file.ts';
import { storeFiles } from './store-files.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';

/**
 * Makes the tables anew from a log that is whole, in a new file that takes the place of the damaged one; that one is kept
 * beside it, and its path is what this returns. Throws `StoreFull` or `StoreBroken`, and then all is as it was.
 */
export function rebuildStore<Event>(
  path: string,
  kindOf: (event: Event) => string,
  turnsOf: (events: Iterable<StoredEvent<Event>>) => Iterable<{
    readonly at: StoredEvent<Event>['at'];
    readonly event: Event;
    readonly rows: readonly (Projection | Removal)[];
  }>,
  now: Date,
): string {
  const fresh = `${path}.rebuilt`;
  for (const file of storeFiles(fresh)) rmSync(file, { force: true });
  const opened = SqliteEventStore.open<Event>(fresh, kindOf);
  if (!opened.ok) throw new Error(opened.error.sentence);
  try {
    opened.value.fill(turnsOf(readLog<Event>(path)));
  } finally {
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

function* readLog<Event>(path: string): Iterable<StoredEvent<Event>> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    for (const row of db.prepare('SELECT seq, at, body FROM events ORDER BY seq').iterate())
      yield {
        seq: Number(row['seq']),
        at: epochMillis(Number(row['at'])),
        event: JSON.parse(String(row['body'])) as Event,
      };
  } finally {
    db.close();
  }
}
