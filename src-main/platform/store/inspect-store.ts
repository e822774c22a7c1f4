import { DatabaseSync } from 'node:sqlite';
import { existsSync, lstatSync, statSync } from 'node:fs';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { sumOf } from './row-sums.ts';
import { migrations, schemaVersion } from './schema.ts';
import { storeFiles } from './store-files.ts';
import { newerStore } from './sqlite-event-store.ts';
import { openingFault, resultCode, sqlite } from './store-failures.ts';

/** What was found in a store before it is opened for writing. */
export interface StoreFindings {
  /** Null: an older Nightshift wrote it, which did not say. */
  readonly labId: string | null;
  /** Number of the newest event in an unbroken row from the first; what lies behind a gap or a damaged one does not count. */
  readonly lastSeq: number;
  /** Whether every event up to the last one in the file can be read and is what was written. */
  readonly isLogWhole: boolean;
  /** Whether tables and shape of the file are what was written, too. */
  readonly areTablesWhole: boolean;
}

/** In `about`: the number of the last event that a start found sound. */
export const soundUpTo = 'sound up to';

const noThrow = { throwIfNoEntry: false } as const;
const nothing: StoreFindings = { labId: null, lastSeq: 0, isLogWhole: true, areTablesWhole: true };

/**
 * Looks into a store without changing a byte of it: opening one for writing already throws away what lies behind the first
 * damaged frame of its write-ahead log, and somebody may want to put that right. Undefined: there is no file.
 */
export function inspectStore(path: string): Result<StoreFindings | undefined> {
  let db: DatabaseSync | undefined;
  try {
    const strange = storeFiles(path).find((file) => lstatSync(file, noThrow)?.isFile() === false);
    if (strange !== undefined) {
      return refuse(
        'failed',
        `${strange} is no file of this user's own; move it away, then put back what was there (nightshift restore).`,
      );
    }
    if (!existsSync(path)) return ok(undefined);
    // SQLite would delete a write-ahead log beside an empty file.
    if (statSync(path).size === 0) return ok(nothing);
    db = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
    const version = schemaVersion(db);
    if (version > migrations.length) return refuse('refused', newerStore(path, version));
    if (version === 0) return ok(nothing);
    const areTables = areTablesWhole(db, version);
    // Tables are made anew from the log only when all of it was read.
    const sound = areTables ? Number(readAbout(db, version, soundUpTo) ?? 0) : 0;
    return ok({
      ...inspectLog(db, version, sound),
      labId: readAbout(db, version, 'lab'),
      areTablesWhole: areTables,
    });
  } catch (error) {
    // A page of the log or of the schema itself: nothing can be told, and nothing rebuilt.
    if (isDamage(error)) return ok({ ...nothing, isLogWhole: false, areTablesWhole: false });
    return refuse('failed', openingFault(path, error));
  } finally {
    if (db?.isOpen) db.close();
  }
}

function readAbout(db: DatabaseSync, version: number, name: string): string | null {
  if (version < 2) return null;
  try {
    const value = db.prepare('SELECT value FROM about WHERE name = ?').get(name)?.['value'];
    return typeof value === 'string' ? value : null;
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}

/** Events that are all read at every start; of a longer log those that a start before found sound are only counted. */
const readAtEveryStart = 200_000;

function inspectLog(
  db: DatabaseSync,
  version: number,
  soundUpTo: number,
): { readonly lastSeq: number; readonly isLogWhole: boolean } {
  const columns = version < 2 ? 'seq, at, kind, body, NULL AS sum' : 'seq, at, kind, body, sum';
  let lastSeq = 0;
  try {
    const read = db.prepare(`SELECT ${columns} FROM events WHERE seq > ? ORDER BY seq`);
    lastSeq = soundPart(db, soundUpTo);
    for (const row of read.iterate(lastSeq)) {
      const { seq, at, kind, body, sum } = row as Record<string, string | number | null>;
      const isNext = lastSeq === 0 || seq === lastSeq + 1;
      if (!isNext || !isAsWritten(sum, [seq, at, kind, body]))
        return { lastSeq, isLogWhole: false };
      lastSeq = Number(seq);
    }
    return { lastSeq, isLogWhole: true };
  } catch (error) {
    if (isDamage(error)) return { lastSeq, isLogWhole: false };
    throw error;
  }
}

/** The last event of those that need not be read again; 0 where all have to be. */
function soundPart(db: DatabaseSync, soundUpTo: number): number {
  if (soundUpTo === 0) return 0;
  const { count, last } =
    db
      .prepare('SELECT count(*) AS count, max(seq) AS last FROM events WHERE seq <= ?')
      .get(soundUpTo) ?? {};
  return count === soundUpTo && last === soundUpTo && soundUpTo > readAtEveryStart ? soundUpTo : 0;
}

function areTablesWhole(db: DatabaseSync, version: number): boolean {
  try {
    if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') return false;
    const sum = version < 2 ? 'NULL AS sum' : 'sum';
    const tables = ['lab', 'members', 'jobs', 'tasks', ...(version < 3 ? [] : ['refs'])];
    for (const table of tables) {
      const rows = db.prepare(`SELECT id, state, body, ${sum} FROM ${table} ORDER BY place`);
      for (const row of rows.iterate()) {
        const { id, state, body, sum: written } = row as Record<string, string | number | null>;
        if (!isAsWritten(written, [id, state, body])) return false;
      }
    }
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

/** The last column is JSON, which is all that can be said of a row that has no sum. */
function isAsWritten(
  sum: string | number | null | undefined,
  columns: readonly (string | number | null | undefined)[],
): boolean {
  if (columns.some((column) => column === null || column === undefined)) return false;
  if (sum !== null && sum !== undefined) return sum === sumOf(...(columns as (string | number)[]));
  try {
    JSON.parse(String(columns.at(-1)));
    return true;
  } catch {
    return false;
  }
}

function isDamage(error: unknown): boolean {
  const code = (resultCode(error) ?? 0) & 0xff;
  // A plain error comes where the schema no longer has a table or column it should have.
  return code === sqlite.corrupt || code === sqlite.notADatabase || code === sqlite.error;
}
