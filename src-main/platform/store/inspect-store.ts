import { DatabaseSync } from 'node:sqlite';
import { existsSync, lstatSync, statSync } from 'node:fs';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { cutUpTo, decodeBase, noBase, type StoredBase } from './log-base.ts';
import { sumOf } from './row-sums.ts';
import { formWithBase, migrations, schemaVersion } from './schema.ts';
import { storeFiles } from './store-files.ts';
import { newerStore } from './sqlite-event-store.ts';
import { openingFault, resultCode, sqlite } from './store-failures.ts';
import { tables } from './stored-tables.ts';

/** What was found in a store before it is opened for writing. */
export interface StoreFindings {
  /** Null: an older Nightshift wrote it, which did not say. */
  readonly labId: string | null;
  /** Number of the newest event in an unbroken row from the first; what lies behind a gap or a damaged one does not count. */
  readonly lastSeq: number;
  /** Whether every event up to the last one in the file can be read and is what was written. */
  readonly isLogWhole: boolean;
  /** Whether what it keeps of the events that were cut from the log is what was written; without it the log is not whole. */
  readonly isBaseWhole: boolean;
  /** Whether tables and shape of the file are what was written, too. */
  readonly areTablesWhole: boolean;
}

/** In `about`: the number of the last event that a start found sound. */
export const soundUpTo = 'sound up to';

const noThrow = { throwIfNoEntry: false } as const;
const nothing: StoreFindings = {
  ...{ labId: null, lastSeq: 0, isLogWhole: true, isBaseWhole: true, areTablesWhole: true },
};

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
    const base = inspectBase(db, version);
    return ok({
      ...(base ? inspectLog(db, version, base.seq, sound) : { lastSeq: 0, isLogWhole: false }),
      isBaseWhole: base !== undefined,
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

/** Undefined: it is damaged. */
function inspectBase(db: DatabaseSync, version: number): StoredBase | undefined {
  if (version < formWithBase) return noBase;
  try {
    const text = db.prepare('SELECT value FROM about WHERE name = ?').get(cutUpTo)?.['value'];
    const base = decodeBase(typeof text === 'string' ? text : null);
    if (!base) return undefined;
    let total = 0;
    for (const table of tables) {
      const rows = db.prepare(`SELECT id, state, body, sum FROM base_${table} ORDER BY place`);
      for (const row of rows.iterate()) {
        const { id, state, body, sum } = row as Record<string, string | number | null>;
        if (sum === null || !isAsWritten(sum, [id, state, body])) return undefined;
        total += Number(sum);
      }
    }
    return total === base.total ? base : undefined;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** Events that are all read at every start; of a longer log those that a start before found sound are only counted. */
const readAtEveryStart = 200_000;

function inspectLog(
  db: DatabaseSync,
  version: number,
  cutUpTo: number,
  soundUpTo: number,
): { readonly lastSeq: number; readonly isLogWhole: boolean } {
  const columns = version < 2 ? 'seq, at, kind, body, NULL AS sum' : 'seq, at, kind, body, sum';
  let lastSeq = cutUpTo;
  try {
    const read = db.prepare(`SELECT ${columns} FROM events WHERE seq > ? ORDER BY seq`);
    const first = db.prepare('SELECT min(seq) AS seq FROM events').get()?.['seq'] ?? null;
    // One that should have left is as strange as one that is missing.
    if (first !== null && first !== cutUpTo + 1) return { lastSeq, isLogWhole: false };
    lastSeq = soundPart(db, cutUpTo, soundUpTo);
    for (const row of read.iterate(lastSeq)) {
      const { seq, at, kind, body, sum } = row as Record<string, string | number | null>;
      if (seq !== lastSeq + 1 || !isAsWritten(sum, [seq, at, kind, body]))
        return { lastSeq, isLogWhole: false };
      lastSeq = Number(seq);
    }
    return { lastSeq, isLogWhole: true };
  } catch (error) {
    if (isDamage(error)) return { lastSeq, isLogWhole: false };
    throw error;
  }
}

/** The last event of those that need not be read again; the last that was cut where all have to be. */
function soundPart(db: DatabaseSync, cutUpTo: number, soundUpTo: number): number {
  const events = soundUpTo - cutUpTo;
  if (events <= readAtEveryStart) return cutUpTo;
  const { count, last } =
    db
      .prepare('SELECT count(*) AS count, max(seq) AS last FROM events WHERE seq <= ?')
      .get(soundUpTo) ?? {};
  return count === events && last === soundUpTo ? soundUpTo : cutUpTo;
}

function areTablesWhole(db: DatabaseSync, version: number): boolean {
  try {
    if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') return false;
    const sum = version < 2 ? 'NULL AS sum' : 'sum';
    for (const table of tables.filter((each) => each !== 'refs' || version >= 3)) {
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
