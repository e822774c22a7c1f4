import { expect, test } from 'vitest';
import { jobId, taskIdOf } from '../../../shared/domain/ids.ts';
import type { Reason, ReasonCode, ReasonFacts } from '../../../shared/domain/reasons.ts';
import { reasonWords } from '../../../shared/words/reason-words.ts';

const job = jobId('7');
const pc = 'pc-02';
const lost: Reason = { code: 'pc-lost', facts: { pc } };

/** Every code with facts and what it says; one that is missing is an error of the compiler. */
const told: { readonly [Code in ReasonCode]: readonly [ReasonFacts[Code], string] } = {
  said: [{ text: 'the disk is on fire' }, 'the disk is on fire'],
  'by-hand': [{}, 'asked for by hand'],
  'kept-long-enough': [{}, 'it was kept long enough'],
  'by-day': [
    { clock: '2000-01-01 00:03' },
    'it is day here, and this PC started by its own clock, which said 2000-01-01 00:03',
  ],
  reclaimed: [{ by: 'ctrl-alt-del' }, 'someone pressed Ctrl-Alt-Del at the PC'],
  'failed-in-a-row': [
    { tasks: 3, last: { code: 'said', facts: { text: 'no crun' } } },
    'quarantined after it failed 3 tasks in a row, the last: no crun',
  ],
  'runs-elsewhere': [
    { task: taskIdOf(job, 1), pc, doubt: 'no such command' },
    'task 7.1, which runs on pc-02 (no such command)',
  ],
  'quick-exits-of-job': [
    { programs: 3, job },
    'quarantined after 3 programs of job 7 ended there at once, which run well elsewhere',
  ],
  'quick-exits-of-jobs': [
    { jobs: 3 },
    'quarantined after programs of 3 jobs ended there at once, and on no other PC',
  ],
  'faster-and-free': [{ pc }, 'pc-02 is faster and has a free slot'],
  crowded: [
    { from: { pc: 'pc-01', used: 4, slots: 2 }, to: { pc, used: 0, slots: 4 } },
    'pc-01 is crowded (4 of 2 slots) and pc-02 is not (0 of 4)',
  ],
  'pc-leaves': [{ pc, purpose: 'release' }, 'pc-02 is being released'],
  'could-not-take': [{ pc, said: 'RAM is full' }, 'pc-02 could not take it (RAM is full)'],
  'had-it-too-soon': [{ pc }, 'pc-02 said that it had the task before anything was sent'],
  'connection-lost': [{}, 'the connection to the head was lost in between'],
  'pc-is-emptied': [{ pc }, 'pc-02 is being emptied'],
  'released-at-once': [{ pc }, 'pc-02 was released at once'],
  'job-held': [{}, 'the job is held'],
  'pc-lost': [{ pc }, 'pc-02 was lost'],
  'pc-lost-while-leaving': [{ pc }, 'pc-02 was lost while the task was leaving it'],
  'pc-started-anew': [{ pc }, 'pc-02 started anew'],
  'pc-has-it-no-more': [{ pc }, 'pc-02 does not have it any more'],
  'could-not-start': [{ pc, said: 'no such command' }, 'pc-02 could not start it: no such command'],
  stopped: [{}, 'it was stopped'],
  'state-not-here': [{ pc }, "its state from pc-02 is not on the head's disk"],
  'damaged-here': [{}, "its bytes on the head's disk are damaged"],
  'checkpoint-lost': [{ because: lost }, 'its checkpoint cannot be restored: pc-02 was lost'],
  'no-checkpoint-left': [
    { because: { code: 'damaged-here', facts: {} } },
    "no checkpoint of it is left: its bytes on the head's disk are damaged; it begins again",
  ],
  exited: [{ code: 3 }, 'the program ended with exit code 3'],
  'results-absent': [{ files: 2 }, '2 files of it are not on the head and are sent again'],
  'results-never-came': [
    { pc, files: 2 },
    'pc-02 said that it had sent all the results, but 2 files never came',
  ],
  'end-not-understood': [
    { pc, fault: 'not JSON' },
    'pc-02 told its end twice in a way that is not understood: not JSON',
  ],
  'no-pc-could-run-it': [
    { pcs: 6, last: lost },
    'it could not be run on 6 PCs, the last said: pc-02 was lost',
  ],
  'took-pcs-down': [
    { pcs: ['pc-01', pc], job },
    'pc-01 and pc-02 went down with it, one after the other; look at what it does to memory, then nightshift resume 7 lets it go on',
  ],
};

test.each(Object.entries(told))('%s', (code, [facts, words]) => {
  expect(reasonWords({ code, facts } as Reason)).toBe(words);
});

test.each([
  [{ code: 'exited', facts: { code: 137 } }, 'the program was ended by signal 9'],
  [{ code: 'could-not-take', facts: { pc, said: null } }, 'pc-02 could not take it'],
  [
    { code: 'results-never-came', facts: { pc, files: 1 } },
    'pc-02 said that it had sent all the results, but 1 file never came',
  ],
  [{ code: 'pc-leaves', facts: { pc, purpose: 'evacuate' } }, 'pc-02 is being evacuated'],
  [{ code: 'eaten-by-a-dog', facts: {} }, 'eaten-by-a-dog'],
])('%j', (reason, words) => {
  expect(reasonWords(reason as Reason)).toBe(words);
});
