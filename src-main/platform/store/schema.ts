import type { DatabaseSync } from 'node:sqlite';

/**
 * One step a version, in order; `user_version` counts those that were taken. Never change a step that was
 * released: add one.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     kind TEXT NOT NULL,
     body TEXT NOT NULL
   ) STRICT;
   ${['lab', 'members', 'jobs', 'tasks']
     .map(
       (table) => `
   CREATE TABLE ${table} (
     -- The order of insertion, which replacing a row keeps.
     place INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     state TEXT NOT NULL,
     body TEXT NOT NULL
   ) STRICT;
   CREATE INDEX ${table}_by_state ON ${table} (state);`,
     )
     .join('')}`,
  // `sum`: see row-sums.ts; rows of the form before have none. `about`: whose store this is.
  `CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   ${['events', 'lab', 'members', 'jobs', 'tasks']
     .map((table) => `ALTER TABLE ${table} ADD COLUMN sum INTEGER;`)
     .join('')}`,
  `CREATE TABLE refs (
     place INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     state TEXT NOT NULL,
     body TEXT NOT NULL,
     sum INTEGER
   ) STRICT;
   CREATE INDEX refs_by_state ON refs (state);`,
  // What the tables held when the events up to `log cut up to` had happened, which have left the log: see log-base.ts.
  ['lab', 'members', 'jobs', 'tasks', 'refs']
    .map(
      (table) => `
   CREATE TABLE base_${table} (
     place INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     state TEXT NOT NULL,
     body TEXT NOT NULL,
     sum INTEGER
   ) STRICT;`,
    )
    .join(''),
  // Bodies give reasons in facts, where whoever knows only sentences would read nothing. No table changes.
  'SELECT 1',
];

/** The first form whose log can have been cut. */
export const formWithBase = 4;

export function schemaVersion(db: DatabaseSync): number {
  const row = db.prepare('PRAGMA user_version').get();
  return Number(row?.['user_version'] ?? 0);
}

/** Takes the steps that are missing; each is on the disk as a whole or not at all. */
export function migrate(db: DatabaseSync): void {
  for (let version = schemaVersion(db); version < migrations.length; version += 1) {
    db.exec(
      `BEGIN IMMEDIATE; ${migrations[version] ?? ''}; PRAGMA user_version = ${version + 1}; COMMIT`,
    );
  }
}
