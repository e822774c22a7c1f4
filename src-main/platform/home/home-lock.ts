import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import type { Disposable } from '../../../shared/ports/clock.ts';
import { isDiskFull, resultCode, sqlite } from '../store/store-failures.ts';

/** A head that was killed a moment ago may still be on its way out. */
const patience = 700;

/**
 * One head a home. SQLite's lock on a small file is one the kernel lets go when the process dies, however it dies,
 * and it works on every OS; the number beside it is only for the sentence.
 */
export function lockHome(home: string): Result<Disposable> {
  const pidPath = join(home, 'head.pid');
  const lockPath = join(home, 'head.lock');
  let lock: DatabaseSync;
  try {
    lock = takeLock(lockPath);
  } catch (error) {
    if (isBusy(error)) {
      return refuse(
        'refused',
        `a head of this lab is already running (process ${readPid(pidPath)}); use that one, or stop it first.`,
      );
    }
    if (isDiskFull(home)) return refuseFor('failed', 'disk-full', { folder: home });
    return refuse(
      'failed',
      `${lockPath} cannot be used (${error instanceof Error ? error.message : String(error)}); check that this user may write there, or delete it.`,
    );
  }
  try {
    writeFileSync(pidPath, `${process.pid}\n`);
  } catch {
    // Only for the sentence of whoever comes second.
  }
  return ok({
    dispose: () => {
      if (lock.isOpen) lock.close();
    },
  });
}

function takeLock(path: string): DatabaseSync {
  try {
    return lockedFile(path);
  } catch (error) {
    // Something else was written over it. Nobody holds it, or it would be called busy before its content is looked at.
    if (resultCode(error) !== sqlite.notADatabase) throw error;
    rmSync(path);
    return lockedFile(path);
  }
}

function lockedFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: patience });
  try {
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return resultCode(error) === sqlite.busy;
}

function readPid(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
