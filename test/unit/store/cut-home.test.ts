import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labEvents } from '../../../src-main/core/log-form/event-form.ts';
import type { LabEvent } from '../../../src-main/core/state/events.ts';
import { headHome } from '../../../src-main/platform/home/head-home.ts';
import { backUpHome, restoreHome } from '../../../src-main/platform/home/home-backup.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { cutLog } from '../../sim/cut-log.ts';
import { filesOf, makeHome, openInFull, type LabInHome } from './home-to-damage.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

/**
 * A home whose log was cut: what the cut events led to is in the base, without which the rest of the log tells nothing. So the
 * base is guarded as the log is. Tried: bodies, sums, rows and tables of the base, what says how far the log was cut, and the
 * place where the two meet.
 */

let folder: string;
let whole: unknown;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-cut-'));
  const home = join(folder, 'home');
  await makeHome(home, 'Room 12');
  whole = await look(copyOf('home'));
  cpSync(home, join(folder, 'cut'), { recursive: true });
  const store = opened(join(folder, 'cut'));
  cutLog(store, 5);
  expect([...store.events(0)].map(({ event }) => event.e)).toEqual(['task-started', 'task-done']);
  store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function opened(home: string): SqliteEventStore<LabEvent> {
  const store = SqliteEventStore.open<LabEvent>(join(home, 'lab.sqlite'), labEvents);
  if (!store.ok) throw new Error(refusalWords(store.error));
  return store.value;
}

let copies = 0;
function copyOf(template: string): string {
  const home = join(folder, `copy-${(copies += 1)}`);
  cpSync(join(folder, template), home, { recursive: true });
  return home;
}

async function look(home: string, lines: string[] = []): Promise<unknown> {
  const lab = await openInFull(home, '', lines);
  if (!lab.ok) return refusalWords(lab.error);
  await lab.value.close();
  return JSON.parse(JSON.stringify(lab.value)) as LabInHome;
}

function change(home: string, sql: string): void {
  const db = new DatabaseSync(join(home, 'lab.sqlite'));
  db.exec(sql);
  db.close();
}

it('opens as what it was, as often as it is opened', async () => {
  const home = copyOf('cut');
  expect(await look(home)).toEqual(whole);
  expect(await look(home)).toEqual(whole);
});

it.each([
  `UPDATE tasks SET body = replace(body, 'done', 'dome')`,
  `UPDATE members SET body = '{'`,
  `UPDATE jobs SET sum = sum + 1`,
])('has its tables made anew from base and log, and can be cut on: %s', async (sql) => {
  const home = copyOf('cut');
  change(home, sql);
  const lines: string[] = [];
  expect(await look(home, lines)).toEqual(whole);
  expect(lines.join()).toMatch(/its log was whole, so its tables were made anew/);
  const store = opened(home);
  cutLog(store, 1);
  expect(store.base.seq).toBe(6);
  store.close();
  change(home, `UPDATE tasks SET sum = 1`);
  expect(await look(home)).toEqual(whole);
});

it.each(['', `UPDATE tasks SET sum = 1`])(
  'a home of the form before, which had no base, opens as it was and can be cut from then on (%s)',
  async (damage) => {
    const home = copyOf('home');
    for (const table of ['lab', 'members', 'jobs', 'tasks', 'refs'])
      change(home, `DROP TABLE base_${table}`);
    change(home, `${damage}; PRAGMA user_version = 3`);
    expect(await look(home)).toEqual(whole);
    const store = opened(home);
    cutLog(store, 3);
    store.close();
    expect(await look(home)).toEqual(whole);
  },
);

describe('is refused in one sentence, and left as it is,', () => {
  it.each([
    ['when a body of the base is another', `UPDATE base_members SET body = body || ' '`],
    ['when a sum of it is gone', `UPDATE base_jobs SET sum = NULL`],
    ['when a row of it is gone', `DELETE FROM base_jobs`],
    [
      'when a row more is in it',
      `INSERT INTO base_refs (id, state, body, sum) VALUES ('a', '', '0', 1)`,
    ],
    ['when a table of it is gone', `DROP TABLE base_tasks`],
    ['when nothing says how far it was cut', `DELETE FROM about WHERE name = 'log cut up to'`],
    [
      'when that says something else',
      `UPDATE about SET value = '4' || substr(value, 2) WHERE name = 'log cut up to'`,
    ],
    ['when it is no number', `UPDATE about SET value = 'five' WHERE name = 'log cut up to'`],
  ])('%s', async (_, sql) => {
    const home = copyOf('cut');
    change(home, sql);
    const before = filesOf(home);
    expect(await look(home)).toMatch(
      /lab\.sqlite is damaged where it keeps what the lab was before its log begins; put the whole home back from a backup \(nightshift restore\), or move it/,
    );
    expect(filesOf(home).get('lab.sqlite') === before.get('lab.sqlite')).toBe(true);
    const backup = await backUpHome(headHome(home), `${home}.backup`);
    expect(backup.ok ? '' : refusalWords(backup.error)).toMatch(/is damaged, so a copy of it/);
  });

  it.each([
    ['when the first event after the cut is gone', `DELETE FROM events WHERE seq = 6`],
    [
      'when an event is there that was cut',
      `INSERT INTO events (seq, at, kind, body, sum) SELECT 5, at, kind, body, sum FROM events WHERE seq = 6`,
    ],
  ])('%s', async (_, sql) => {
    const home = copyOf('cut');
    change(home, sql);
    expect(await look(home)).toMatch(/lab\.sqlite is damaged behind event 5; put the whole home/);
  });

  it('when all of the log after the cut is gone', async () => {
    const home = copyOf('cut');
    change(home, 'DELETE FROM events');
    expect(await look(home)).toMatch(/lab\.sqlite ends with event 5, but it had come to event 7/);
  });
});

it('a log of which no event was ever cut and the first is gone is not whole', async () => {
  const home = copyOf('home');
  change(home, 'DELETE FROM events WHERE seq = 1');
  expect(await look(home)).toMatch(/lab\.sqlite is damaged behind event 0/);
});

it('a backup of it, restored, is what it was', async () => {
  const home = copyOf('cut');
  expect(await backUpHome(headHome(home), `${home}.backup`)).toMatchObject({ ok: true });
  expect(await restoreHome(`${home}.backup`, headHome(`${home}.back`))).toMatchObject({ ok: true });
  expect(await look(`${home}.back`)).toEqual(whole);
});

it('bytes that turn anywhere in it are noticed, or hurt nobody', { timeout: 120_000 }, async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    to: fc.integer({ min: 0, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
      const home = copyOf('cut');
      const path = join(home, 'lab.sqlite');
      const bytes = readFileSync(path);
      for (const { at, to } of changes) bytes[Math.floor(at * bytes.length)] = to;
      writeFileSync(path, bytes);
      const found = await look(home);
      if (typeof found === 'string') expect(found).toMatch(/put|delete|move/);
      else expect(found).toEqual(whole);
      rmSync(home, { recursive: true });
    }),
    { numRuns: Number(process.env['NIGHTSHIFT_FUZZ_RUNS'] ?? 40) },
  );
});
