import { expect, test } from 'vitest';
import { mebibytes, minutes } from '../../../shared/base/units.ts';
import { jobId } from '../../../shared/domain/ids.ts';
import type { Leaving, MachineNoteFacts } from '../../../shared/domain/machine-notes.ts';
import type { MisfitFacts } from '../../../shared/domain/misfit.ts';
import { saidReason } from '../../../shared/domain/reasons.ts';
import type { WaitingFacts } from '../../../shared/domain/waiting.ts';
import { leavingWords } from '../../../shared/words/leaving-words.ts';
import { machineWords, noteWords } from '../../../shared/words/machine-words.ts';
import { misfitWords } from '../../../shared/words/misfit-words.ts';
import { phaseWords, taskWords } from '../../../shared/words/task-words.ts';
import { waitingWords } from '../../../shared/words/waiting-words.ts';

/** Every code with facts and what it says; one that is missing is an error of the compiler. */
type Table<Facts> = { readonly [Code in keyof Facts]: readonly [Facts[Code], string] };
const pc = 'pc-02';
const full = saidReason('the disk is full.');
const job = jobId('8');
const rows = <Facts>(table: Table<Facts>) =>
  Object.entries(table as Record<string, readonly [never, string]>).map(
    ([code, [facts, words]]) => ({ told: { code, facts } as never, words }),
  );

const waiting: Table<WaitingFacts> = {
  'task-held': [{ because: full }, 'it is held: the disk is full'],
  'job-held': [{}, 'the job is held; nightshift resume lets it go on'],
  'never-starts': [
    { job, after: jobId('7'), ended: 'never-starts' },
    'it never starts: it was to start once job 7 is done, and that never starts itself; take it away with nightshift cancel 8',
  ],
  'after-jobs': [{ jobs: [jobId('6'), jobId('7')] }, 'it starts after job 6, 7'],
  'enough-at-once': [
    { atOnce: 2 },
    'the job has at most 2 of its tasks running at a time, and so many are',
  ],
  'no-pc-yet': [{}, 'no PC has enrolled yet'],
  'no-pc-open': [
    {
      closed: [
        { as: 'cordoned', pcs: 2 },
        { as: 'not-connected', pcs: 1 },
      ],
    },
    'no PC takes tasks at the moment (2 cordoned, 1 not connected)',
  ],
  'no-pc-fits': [
    { misfit: { code: 'no-pack', facts: { pc, pack: 'r' } } },
    'no PC that is here fits: it needs the software pack "r", which pc-02 does not have',
  ],
  'about-to-start': [{}, 'it is about to start'],
  'no-memory-free': [
    { memory: mebibytes(512) },
    'no PC with a free slot has 512 MiB of memory left',
  ],
  'no-slot-free': [
    { slots: 4, passedOver: [pc] },
    'all 4 slots are taken, but for those of pc-02, which could not start one of its tasks',
  ],
};
test.each(rows(waiting))('a task waits: $words', ({ told, words }) => {
  expect(waitingWords(told)).toBe(words);
});

const misfits: Table<MisfitFacts> = {
  'too-few-processors': [{ pc, asked: 8, has: 4 }, 'it asks for 8 processors and pc-02 has 4'],
  'too-little-memory': [
    { pc, asked: mebibytes(64), has: mebibytes(32), forTasks: true },
    'it asks for 64 MiB of memory and pc-02 has 32 MiB for tasks',
  ],
  'no-pack': [{ pc, pack: 'r' }, 'it needs the software pack "r", which pc-02 does not have'],
  'unknown-pack': [
    { pack: 'r', packs: ['base', 'blender'] },
    'there is no software pack "r", the lab has base, blender',
  ],
  'task-held': [{ because: full }, 'the disk is full'],
  pinned: [{ pc }, 'it is pinned to pc-02'],
  'lacks-features': [
    { pc, features: ['avx2', 'bmi1', 'bmi2', 'fma'] },
    "pc-02's processor lacks avx2, bmi1, bmi2, which the program may use since it ran on a newer one",
  ],
};
test.each(rows(misfits))('a PC does not fit: $words', ({ told, words }) => {
  expect(misfitWords(told)).toBe(words);
});

const notes: Table<MachineNoteFacts> = {
  banned: [
    { pc, because: 'stolen' },
    'banned: stolen; nightshift machines unban pc-02 lets it in again',
  ],
  'two-pcs': [
    { pc },
    'two PCs say they are pc-02: the other one is kept out; look for a copied card address, a dock or an adapter that is used on both',
  ],
  'holds-unknown': [
    { task: '1.0' },
    "it holds task 1.0 in an attempt that this head's store does not know: the store is an older copy. Stop the head and put the newer home back; or restart the PC, to go on without what it holds",
  ],
  silent: [{}, 'not heard of for a while; its tasks freeze themselves'],
  outdated: [
    { kind: 'tomorrow' },
    'its member system is older than this head and does not know "tomorrow": make its boot medium anew, or start it from the network',
  ],
  vanished: [{ clock: '02:13' }, 'it vanished and did not come back; it was given up at 02:13'],
  'not-saved': [{ because: full }, 'a task could not be saved: the disk is full'],
  'wrong-clock': [
    { own: '2000-01-01 00:03', clock: '10:05' },
    'it joined by day and was sent home: its own clock said 2000-01-01 00:03 when it was 10:05 here; put it right in its setup, change its battery, or make its stick anew with --clocks utc',
  ],
  'came-back': [
    { after: minutes(2) },
    'it came back 2 minutes after it was given back: take out its boot medium, or look at its boot order',
  ],
  'came-back-once': [
    { after: minutes(2), left: true },
    'it came back 2 minutes after it was given back, and left at last',
  ],
  stayed: [
    { clock: '07:30' },
    'it was given back at 07:30 but still runs the member system: switch it off by hand',
  ],
  'given-back': [
    { clock: '07:30', left: false },
    'given back at 07:30; whether it left is not known yet',
  ],
  said: [{ text: 'silent since 22:28' }, 'silent since 22:28'],
};
test.each(rows(notes))('a PC: $words', ({ told, words }) => {
  expect(noteWords(told)).toBe(words);
});

test.each([
  [{}, 'releasing: 2 tasks left'],
  [{ tasksLeft: 1, when: 'task' }, 'releasing when its tasks end: 1 task left'],
  [
    { purpose: 'evacuate', fault: { of: 'save', because: full } },
    'evacuating: 2 tasks left; the last attempt to save one failed: the disk is full',
  ],
  [
    { fault: { of: 'results', because: full } },
    'releasing: 2 tasks left; results of one that has ended: the disk is full',
  ],
] as const)('a PC that leaves says how far it is (%#)', (more, words) => {
  const leaving: Leaving = {
    ...{ purpose: 'release', when: 'checkpoint', tasksLeft: 2, fault: null },
    ...more,
  };
  expect(leavingWords(leaving)).toBe(words);
  expect(machineWords({ note: null, leaving })).toBe(words);
});

test('a task that waits says how many are ahead, and what happened to it before', () => {
  const waits = { waitingBecause: { code: 'about-to-start', facts: {} }, ahead: 1 } as const;
  expect(taskWords({ ...waits, reason: full })).toBe(
    'it is about to start; 1 task is ahead (before: the disk is full)',
  );
});

test('a code of a later Nightshift is named as it is', () => {
  expect(waitingWords({ code: 'moon-is-full', facts: {} } as never)).toBe('moon-is-full');
  expect(phaseWords({ phase: 'dreaming' as never, movingTo: null })).toBe('dreaming');
});
