// `npm run record:log -- FOLDER`: writes two nights as today's code stores and tells them, for test/fixtures/logs.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { endWith, scriptWords } from '../../scripts/script-words.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { labEvents } from '../../src-main/core/log-form/event-form.ts';
import type { LabEvent } from '../../src-main/core/state/events.ts';
import { SqliteEventStore } from '../../src-main/platform/store/sqlite-event-store.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { cutLog } from './cut-log.ts';
import { playTwoNights } from './two-nights.ts';

/** So many of the first events leave the log, so that there is a base to be read, too. */
const cutEvents = 60;

/** Leaves `lab.sqlite.gz` and `told.json` in the folder, which is made. */
export function recordLog(folder: string, seed = 1): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lab.sqlite');
  const opened = SqliteEventStore.open<LabEvent>(path, labEvents);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  const store = opened.value;
  const lab = new SimulatedLab(seed);
  const append = lab.store.append.bind(lab.store);
  lab.store.append = (...turn) => {
    append(...turn);
    store.append(...turn);
  };
  const told = playTwoNights(lab);
  cutLog(store, cutEvents);
  store.tell('lab', 'sim');
  store.close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = DELETE; VACUUM');
  db.close();
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  writeFileSync(join(folder, 'told.json'), `${JSON.stringify(told)}\n`);
  rmSync(path);
}

if (import.meta.main) {
  const usage = `npm run record:log -- FOLDER
  FOLDER   such as test/fixtures/logs/2026-12-01`;
  const [folder] = scriptWords(usage, {}, 1).words;
  if (folder === undefined) endWith('Say into which folder', usage);
  recordLog(folder);
}
