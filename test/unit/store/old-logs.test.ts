import { diaryWords } from '../../../shared/words/diary-words.ts';
import { machineWords } from '../../../shared/words/machine-words.ts';
import { reasonWords } from '../../../shared/words/reason-words.ts';
import { taskReasonWords } from '../../../shared/words/task-words.ts';
import { waitingWords } from '../../../shared/words/waiting-words.ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView, LabView, MachineView, TaskView } from '../../../shared/api/views.ts';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { openLabStore, type LabStore } from '../../../src-main/lab-store.ts';
import { refuseFile } from '../../../src-main/open-home.ts';
import { headHome } from '../../../src-main/platform/home/head-home.ts';
import { LabShell } from '../../../src-main/shells/lab-shell.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';
import { SeededRng } from '../../../src-sim/seeded-rng.ts';
import { SimulatedLinks } from '../../../src-sim/simulated-links.ts';
import { recordLog } from '../../sim/record-log.ts';
import { disagreements } from '../../sim/told-by-the-log.ts';
import type { Told } from '../../sim/two-nights.ts';

const recorded = join(import.meta.dirname, '../../fixtures/logs');
const folder = mkdtempSync(join(tmpdir(), 'nightshift-old-logs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let homes = 0;
/** A home with a copy of the log; what is asked of it may be written into it. */
function homeOf(log: string): string {
  const home = headHome(mkdtempSync(join(folder, `home-${(homes += 1)}-`)));
  writeFileSync(home.store, gunzipSync(readFileSync(join(log, 'lab.sqlite.gz'))));
  return home.folder;
}

function opened(home: string): { readonly lab: LabShell; readonly store: LabStore['store'] } {
  const labStore = openLabStore(headHome(home), () => undefined);
  if (!labStore.ok) throw new Error(refusalWords(labStore.error));
  const { store } = labStore.value;
  const clock = new ManualClock();
  const rng = new SeededRng(1);
  const lab = new LabShell(
    {
      ...{ clock, rng, store, links: new SimulatedLinks(clock, rng), log: () => undefined },
      blobs: {
        has: () => undefined,
        fromBase64: () => new Uint8Array(),
        async *readText() {
          yield '';
        },
        async *readBlob() {
          yield new Uint8Array();
        },
      },
    },
    {
      ...{ lab: 'sim', labId: 'sim', timings: practiceTimings, practice: true },
      address: () => 'sim',
      timeOfDay: (at) => new Date(at).toISOString().slice(11, 16),
    },
  );
  return { lab, store };
}

/** Views told sentences once, and tell codes and facts now. */
const inWords = <Told>(told: Told | string | null, words: (told: Told) => string | null) =>
  told === null || typeof told === 'string' ? told : words(told);

/** Sentences that were mended since. */
const asToday = (text: string): string =>
  text
    .replace('A PC was given another seat.', 'The seat of one PC was set.')
    .replace(/^Seats of (\d+) PCs were changed\.$/, 'The seats of $1 PCs were set.');

const logs = readdirSync(recorded, { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map(({ name }) => ({ name, log: join(recorded, name) }));
// Whoever changes a form will find what is written now in a recorded log: it can be recorded, and is read.
const todays = join(folder, 'today');
recordLog(todays);

describe.each([...logs, { name: 'today', log: todays }])('the log of $name', ({ log }) => {
  const told = JSON.parse(readFileSync(join(log, 'told.json'), 'utf8')) as Told;
  let lab: LabShell;
  let store: LabStore['store'];
  beforeAll(() => ({ lab, store } = opened(homeOf(log))));
  afterAll(() => store.close());

  it('is the same lab by its rows and by its events, from where it was cut', () => {
    expect(disagreements(store)).toEqual([]);
  });

  it('has its PCs where and as they were', () => {
    const lasting = (view: MachineView) => {
      // What came to views since then is derived.
      const { linked: _l, memoryFree: _m, load: _o, draining: _d, leaving: _e, ...rest } = view;
      const { lostAt: _t, ...machine } = rest;
      const note = inWords(view.note, () => machineWords(view));
      return { ...machine, note, tasks: [...machine.tasks].sort() };
    };
    expect(lab.machines().map(lasting)).toEqual(told.machines.map(lasting));
    expect(lab.seats()).toEqual(told.seats);
  });

  it('has its jobs and tasks, with every reason that was given', () => {
    const lastingJob = ({ held: _h, heldTasks: _t, ...job }: JobView) => {
      const { neverStarts } = job;
      return { ...job, neverStarts: neverStarts && inWords(neverStarts, waitingWords) };
    };
    expect(lab.jobs().map(lastingJob)).toEqual(told.jobs.map(lastingJob));
    const lasting = (task: TaskView) => {
      const { id, state, exitCode, machine, attempt, lostMinutes } = { lostMinutes: null, ...task };
      // What happened to one that waits stood behind why it waits.
      const waits = state === 'queued' || state === 'suspended';
      const reason = waits ? null : inWords(task.reason, taskReasonWords);
      const migrations = task.migrations.map((move) => ({
        ...move,
        because: inWords(move.because, reasonWords),
      }));
      return { id, state, exitCode, machine, attempt, migrations, reason, lostMinutes };
    };
    const tasks = told.jobs.map(({ id }) => {
      const job = lab.job(id);
      if (!job.ok) throw new Error(refusalWords(job.error));
      return job.value.tasks.map(lasting);
    });
    expect(tasks).toEqual(told.tasks.map((of) => of.map(lasting)));
  });

  it('has no network for any task, whether the log says so or is older than networks', () => {
    const jobs = [...lab.state.jobs.values()];
    expect(jobs.length).toBeGreaterThan(0);
    expect(jobs.map(({ spec }) => spec.network)).toEqual(jobs.map(() => 'none'));
    const told = [...store.events(0)].flatMap(({ event }) =>
      event.e === 'job-submitted' ? [event.job.spec.network] : [],
    );
    expect(new Set(told)).toEqual(new Set(['none']));
  });

  it('tells its diary in the same sentences', () => {
    // Where a task resumed is told only while it is still there.
    const lasting = (line: LabView['diary'][number] & { readonly text?: string }) => ({
      ...{ seq: line.seq, at: line.at, tone: line.tone },
      text: asToday(line.text ?? diaryWords(line)).replace(/ resumed on .*/, ' resumed.'),
    });
    const lines = lab.view().diary.map(lasting);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines).toEqual(told.diary.map(lasting).slice(-lines.length));
  });
});

describe('a log that is not understood', () => {
  const log = join(recorded, '2026-11-26');
  function afterChange(sql: string): string {
    const home = homeOf(log);
    const db = new DatabaseSync(headHome(home).store);
    // Without sums, which would tell that somebody changed it.
    db.exec(sql);
    db.close();
    try {
      const { store } = opened(home);
      for (const read of store.events(0)) void read;
    } catch (error) {
      const refused = refuseFile(error);
      return refused.ok ? '' : refusalWords(refused.error);
    }
    throw new Error('it was read');
  }

  it.each([
    [
      'with an event of a kind of later',
      `UPDATE events SET sum = NULL, body = '{"e":"lamp-lit"}' WHERE seq = 200`,
      `event 200 in the lab's store cannot be read (its kind is "lamp-lit"); a newer Nightshift wrote it: start that version.`,
    ],
    [
      'with an event in a form of later',
      `UPDATE events SET sum = NULL, body = json_set(body, '$.v', 99) WHERE seq = 200`,
      /^event 200 \([a-z-]+\) in the lab's store cannot be read \(its form is 99\); a newer Nightshift wrote it: start that version\.$/,
    ],
    [
      'with an event that lacks a fact',
      `UPDATE events SET sum = NULL, body = '{"e":"task-placed","task":"1.0"}' WHERE seq = 200`,
      /^event 200 \(task-placed\) in the lab's store cannot be read \(\$\.epoch: .*\); put the whole home back/,
    ],
    [
      'with a task that is in no known state',
      `UPDATE tasks SET sum = NULL, body = json_set(body, '$.state', 'asleep') WHERE id = '2.0'`,
      /^the row of task 2\.0 in the lab's store cannot be read \(\$\.state: .*\); put the whole home back/,
    ],
  ])('%s is refused in one sentence that says where and what to do', (_what, sql, sentence) => {
    if (typeof sentence === 'string') expect(afterChange(sql)).toBe(sentence);
    else expect(afterChange(sql)).toMatch(sentence);
  });
});
