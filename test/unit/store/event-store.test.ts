import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMillis } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { MemoryEventStore } from '../../../src-sim/memory-event-store.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { eventStoreContract } from './event-store.contract.ts';
import { happenings, type Happening } from './happening.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nightshift-store-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function openSqlite(path = join(folder, `lab-${(made += 1)}.sqlite`)): SqliteEventStore<Happening> {
  const opened = SqliteEventStore.open<Happening>(path, happenings);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  return opened.value;
}

describe('the memory store', () =>
  eventStoreContract(() => new MemoryEventStore<Happening>(happenings)));

describe('the SQLite store', () => {
  eventStoreContract(() => openSqlite());

  it('has the night before it when it is opened again', () => {
    const path = join(folder, 'lab.sqlite');
    const evening = openSqlite(path);
    evening.append(
      epochMillis(1),
      [{ e: 'night-opened' }],
      [{ table: 'lab', id: 'lab', state: '', body: { night: 1 } }],
    );
    evening.close();
    const morning = openSqlite(path);
    expect(morning.lastSeq()).toBe(1);
    expect([...morning.rows('lab')]).toEqual([{ night: 1 }]);
    morning.append(epochMillis(2), [{ e: 'job-submitted' }], []);
    expect([...morning.events(0)].map(({ seq }) => seq)).toEqual([1, 2]);
    morning.close();
  });

  /** Kinds: events that were cut, rows that were taken away; a store of now, and one from before stores could shrink. */
  it.each([
    ['new', false],
    ['from before stores could shrink', true],
  ])('gives the disk back what it does not need any more, a store that is %s', (_how, isOld) => {
    const path = join(folder, 'lab.sqlite');
    if (isOld) {
      const old = new DatabaseSync(path);
      old.exec('PRAGMA auto_vacuum = NONE; CREATE TABLE before (a); DROP TABLE before');
      old.close();
    }
    let store = openSqlite(path);
    const text = 'x'.repeat(4000);
    const jobs = Array.from({ length: 4000 }, (_, at) => String(at));
    store.append(
      epochMillis(1),
      jobs.map(() => ({ e: 'job-submitted' as const })),
      jobs.map((id) => ({ table: 'jobs' as const, id, state: '', body: { id, text } })),
    );
    store.close();
    const large = statSync(path).size;
    expect(large).toBeGreaterThan(16_000_000);
    store = openSqlite(path);
    store.append(
      epochMillis(2),
      [],
      jobs.map((gone) => ({ table: 'jobs' as const, gone })),
    );
    let steps = 0;
    for (let more = true; more; steps += 1) {
      more = store.giveBack();
    }
    expect(steps).toBeGreaterThan(10);
    expect(store.giveBack()).toBe(false);
    expect(store.lastSeq()).toBe(4000);
    store.close();
    expect(statSync(path).size).toBeLessThan(large / 5);
    const again = openSqlite(path);
    expect([...again.rows('jobs')]).toEqual([]);
    expect([...again.events(3990)]).toHaveLength(10);
    again.close();
  });

  it('refuses a store of a newer Nightshift in one sentence and leaves it as it is', () => {
    const path = join(folder, 'lab.sqlite');
    openSqlite(path).close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99');
    newer.close();
    const before = readFileSync(path);
    const opened = SqliteEventStore.open<Happening>(path, happenings);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(
      /lab\.sqlite was written by a newer Nightshift \(its form 99, this one reads up to 5\); start that version/,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('says in one sentence that a file is damaged', () => {
    const path = join(folder, 'lab.sqlite');
    writeFileSync(path, 'this was never a database, but somebody put it here '.repeat(100));
    const opened = SqliteEventStore.open<Happening>(path, happenings);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(
      /is damaged and cannot be read; put it back/,
    );
  });

  it('says in one sentence that its folder is not there', () => {
    const opened = SqliteEventStore.open<Happening>(join(folder, 'no', 'lab'), happenings);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(/cannot be opened for writing/);
  });
});
