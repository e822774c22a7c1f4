import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import type { Disposable } from '../../shared/ports/clock.ts';

/** A head that was killed a moment ago may still be on its way out. */
const patience = 700;

/**
 * One head a home. SQLite's lock on a small file is one the kernel lets go when the process dies, however it dies,
 * and it works on every OS; the number beside it is only for the sentence.
 */
export function lockHome(home: string): Result<Disposable> {
  const pidPath = join(home, 'head.pid');
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(join(home, 'head.lock'), { timeout: patience });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    if (db?.isOpen) db.close();
    return isBusy(error)
      ? refuse(
          'refused',
          `a head of this lab is already running (process ${readPid(pidPath)}); use that one, or stop it first.`,
        )
      : refuse(
          'failed',
          `${home} cannot be used (${error instanceof Error ? error.message : String(error)}); check that this user may write there and that the disk is not full.`,
        );
  }
  const lock = db;
  writeFileSync(pidPath, `${process.pid}\n`);
  return ok({
    dispose: () => {
      if (lock.isOpen) lock.close();
    },
  });
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}

function readPid(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
