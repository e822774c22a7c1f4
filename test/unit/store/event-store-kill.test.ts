import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inspectStore } from '../../../src-main/platform/store/inspect-store.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { happenings, type Happening } from './happening.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nightshift-kill-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the writer until it has acknowledged this many turns, kills it, and tells the last it had said. */
function appendAndKill(
  path: string,
  turns: number,
  program = 'append-forever.ts',
): Promise<number> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, program), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  writer.stdout.on('data', (piece: Buffer) => {
    said += piece.toString();
    if (said.split('\n').length > turns) writer.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    writer.on('error', reject);
    writer.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(Number(said.split('\n').at(-2)));
      else reject(new Error(`the writer ended by itself with ${code}`));
    });
  });
}

it('a head killed in the middle of its work has everything it acknowledged, and nothing by half', async () => {
  const path = join(folder, 'lab.sqlite');
  for (const turns of [1, 7, 40, 90]) {
    const acknowledged = await appendAndKill(path, turns);
    const opened = SqliteEventStore.open<Happening>(path, happenings);
    if (!opened.ok) throw new Error(refusalWords(opened.error));
    const store = opened.value;
    const stored = store.lastSeq() / 3;
    expect(Number.isInteger(stored)).toBe(true);
    // The one turn whose acknowledgement was cut off may be there too.
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    expect(stored).toBeLessThanOrEqual(acknowledged + 1);
    expect([...store.rows('lab')]).toEqual([{ turn: stored }]);
    expect([...store.rows('tasks')].map((row) => (row as { turn: number }).turn)).toEqual(
      Array.from({ length: stored }, (_, index) => index + 1),
    );
    expect([...store.events(stored * 3 - 3)].map(({ event }) => event.e)).toEqual([
      'placed',
      'started',
      'done',
    ]);
    store.close();
  }
});

it('a head killed while it cuts its log has every event in the log or in the base, and none in both', async () => {
  const path = join(folder, 'lab.sqlite');
  for (const turns of [4, 9, 30, 70]) {
    const acknowledged = await appendAndKill(path, turns, 'cut-forever.ts');
    expect(inspectStore(path)).toMatchObject({
      value: { isLogWhole: true, isBaseWhole: true, areTablesWhole: true },
    });
    const opened = SqliteEventStore.open<Happening>(path, happenings);
    if (!opened.ok) throw new Error(refusalWords(opened.error));
    const store = opened.value;
    const { seq, tables } = store.base;
    expect(seq).toBeGreaterThanOrEqual(acknowledged);
    expect(seq).toBeGreaterThan(0);
    expect([...tables.rows('lab')]).toEqual([{ seq }]);
    expect([...tables.rows('tasks')]).toHaveLength(Math.ceil(seq / 2));
    expect([...store.events(0)].map((stored) => stored.seq)).toEqual(
      Array.from({ length: store.lastSeq() - seq }, (_, index) => seq + index + 1),
    );
    store.close();
  }
});
