import { formatSize } from '../base/units.ts';
import type { ClosedFor, VainEnd, WaitingFacts } from '../domain/waiting.ts';
import { misfitWords } from './misfit-words.ts';
import { reasonWords } from './reason-words.ts';
import { way } from './ways.ts';
import { wordsBy } from './words-by.ts';

/** One clause that names what would have to change; it stands behind a colon. */
export const waitingWords = wordsBy<WaitingFacts>({
  'task-held': ({ because }) => `it is held: ${reasonWords(because)}`,
  'job-held': () => `the job is held; ${way().resumeJob()} lets it go on`,
  'never-starts': ({ job, after, ended }) =>
    `it never starts: it was to start once job ${after} is done, and that ${ends[ended]}; take it away with ${way().cancelJob(job)}`,
  'after-jobs': ({ jobs }) => `it starts after job ${jobs.join(', ')}`,
  'enough-at-once': ({ atOnce }) =>
    `the job has at most ${atOnce} of its tasks running at a time, and so many are`,
  'no-pc-yet': () => 'no PC has enrolled yet',
  'no-pc-open': ({ closed }) =>
    `no PC takes tasks at the moment (${closed.map(({ as, pcs }) => `${pcs} ${closedFor(as)}`).join(', ')})`,
  'no-pc-fits': ({ misfit }) => `no PC that is here fits: ${misfitWords(misfit)}`,
  'about-to-start': () => 'it is about to start',
  'no-memory-free': ({ memory }) =>
    `no PC with a free slot has ${formatSize(memory)} of memory left`,
  'no-slot-free': ({ slots, passedOver }) =>
    `all ${slots} slots are taken${
      passedOver.length > 0
        ? `, but for those of ${passedOver.join(', ')}, which could not start one of its tasks`
        : ''
    }`,
});

const ends: Readonly<Record<VainEnd, string>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  'never-starts': 'never starts itself',
  unknown: 'is not known any more',
};

const closedFor = (as: ClosedFor): string => (as === 'not-connected' ? 'not connected' : as);
