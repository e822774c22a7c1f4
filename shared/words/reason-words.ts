import type { Reason, ReasonFacts, UsedSlots } from '../domain/reasons.ts';
import { way } from './ways.ts';
import { wordsBy, type WordsOf } from './words-by.ts';

/** One clause each, which begins small and ends without a full stop: it stands behind a colon. */
const words: WordsOf<ReasonFacts> = {
  said: ({ text }) => text.replace(/\.\s*$/, ''),
  'by-hand': () => 'asked for by hand',
  'kept-long-enough': () => 'it was kept long enough',
  'by-day': ({ clock }) =>
    `it is day here, and this PC started by its own clock, which said ${clock}`,
  reclaimed: ({ by }) => reclaimed[by],

  'failed-in-a-row': ({ tasks, last }) =>
    `quarantined after it failed ${tasks} tasks in a row, the last: ${reasonWords(last)}`,
  'runs-elsewhere': ({ task, pc, doubt }) => `task ${task}, which runs on ${pc} (${doubt})`,
  'quick-exits-of-job': ({ programs, job }) =>
    `quarantined after ${programs} programs of job ${job} ended there at once, which run well elsewhere`,
  'quick-exits-of-jobs': ({ jobs }) =>
    `quarantined after programs of ${jobs} jobs ended there at once, and on no other PC`,

  'faster-and-free': ({ pc }) => `${pc} is faster and has a free slot`,
  crowded: ({ from, to }) =>
    `${from.pc} is crowded (${ofSlots(from)} slots) and ${to.pc} is not (${ofSlots(to)})`,
  'pc-leaves': ({ pc, purpose }) =>
    `${pc} is being ${purpose === 'release' ? 'released' : 'evacuated'}`,
  'could-not-take': ({ pc, said }) => `${pc} could not take it${said === null ? '' : ` (${said})`}`,
  'had-it-too-soon': ({ pc }) => `${pc} said that it had the task before anything was sent`,
  'connection-lost': () => 'the connection to the head was lost in between',

  'pc-is-emptied': ({ pc }) => `${pc} is being emptied`,
  'released-at-once': ({ pc }) => `${pc} was released at once`,
  'job-held': () => 'the job is held',
  'pc-lost': ({ pc }) => `${pc} was lost`,
  'pc-lost-while-leaving': ({ pc }) => `${pc} was lost while the task was leaving it`,
  'pc-started-anew': ({ pc }) => `${pc} started anew`,
  'pc-has-it-no-more': ({ pc }) => `${pc} does not have it any more`,
  'could-not-start': ({ pc, said }) => `${pc} could not start it: ${said}`,
  stopped: () => 'it was stopped',
  'state-not-here': ({ pc }) => `its state from ${pc} is not on the head's disk`,
  'damaged-here': () => "its bytes on the head's disk are damaged",
  'checkpoint-lost': ({ because }) => `its checkpoint cannot be restored: ${reasonWords(because)}`,
  'no-checkpoint-left': ({ because }) =>
    `no checkpoint of it is left: ${reasonWords(because)}; it begins again`,

  exited: ({ code }) =>
    code > 128 && code <= 192
      ? `the program was ended by signal ${code - 128}`
      : `the program ended with exit code ${code}`,
  'results-never-came': ({ pc, files }) =>
    `${pc} said that it had sent all the results, but ${files === 1 ? '1 file' : `${files} files`} never came`,
  'results-absent': ({ files }) =>
    `${files === 1 ? '1 file' : `${files} files`} of it are not on the head and are sent again`,
  'end-not-understood': ({ pc, fault }) =>
    `${pc} told its end twice in a way that is not understood: ${fault}`,
  'no-pc-could-run-it': ({ pcs, last }) =>
    `it could not be run on ${pcs} PCs, the last said: ${reasonWords(last)}`,
  'took-pcs-down': ({ pcs, job }) =>
    `${pcs.join(' and ')} went down with it, one after the other; look at what it does to memory, then ${way().resumeJob(job)} lets it go on`,
};

const ofSlots = ({ used, slots }: UsedSlots): string => `${used} of ${slots}`;

const reclaimed = {
  keypress: 'someone pressed a key at the PC',
  'power-button': 'someone pressed its power button',
  'ctrl-alt-del': 'someone pressed Ctrl-Alt-Del at the PC',
} as const;

/** Why, for people. */
export const reasonWords: (reason: Reason) => string = wordsBy(words);
