import { formatDuration, formatSize } from '../base/units.ts';
import type { DiaryFacts } from '../domain/diary.ts';
import { reasonWords } from './reason-words.ts';
import { spanWords } from './span-words.ts';
import { wordsBy } from './words-by.ts';

/** A line of the diary, for people. */
export const diaryWords = wordsBy<DiaryFacts>({
  'night-opened': ({ night }) => `Night ${night} began.`,
  'night-ended': ({ night }) => `Night ${night} is over.`,
  'seats-given': ({ pcs }) =>
    pcs === 1 ? `The seat of one PC was set.` : `The seats of ${pcs} PCs were set.`,
  'member-arrived': ({ pc }) => `${pc} arrived.`,
  'member-suspected': ({ pc }) => `${pc} has gone quiet.`,
  'member-returned': ({ pc }) => `${pc} is heard again.`,
  'member-lost': ({ pc }) => `${pc} is lost.`,
  'member-outdated': ({ pc, kind }) =>
    `${pc} cannot follow this head: its member system is older and does not know "${kind}"; make its boot medium anew, or start it from the network.`,
  'member-cordoned': ({ pc, because }) => `${pc} is cordoned: ${reasonWords(because)}.`,
  'member-uncordoned': ({ pc }) => `${pc} takes tasks again.`,
  'member-draining': ({ pc, purpose, because }) =>
    `${pc} is being ${purpose === 'release' ? 'released' : 'evacuated'}: ${reasonWords(because)}.`,
  'member-evacuated': ({ pc }) => `${pc} is empty and cordoned.`,
  'member-released': ({ pc }) => `${pc} is released.`,
  'member-left': ({ pc }) => `${pc} has left.`,
  'member-stayed': ({ pc }) =>
    `${pc} was given back but still runs the member system: switch it off by hand.`,
  'member-banned': ({ pc, because }) => `${pc} is banned${because ? `: ${because}` : ''}.`,
  'member-unbanned': ({ pc }) => `${pc} may come in again.`,
  'member-forgotten': ({ pc }) => `${pc} is forgotten.`,
  'member-came-back': ({ pc, after }) =>
    `${pc} came back ${spanWords(after)} after it was given back and is cordoned: take out its boot medium, or look at its boot order.`,
  'job-submitted': ({ job, name, owner, tasks }) =>
    `${owner} submitted job ${job} "${name}" (${tasks} task${tasks === 1 ? '' : 's'}).`,
  'job-removed': ({ job, because }) => `Job ${job} is removed: ${reasonWords(because)}.`,
  'keep-for-set': ({ keepFor }) =>
    `Jobs that are over are kept for ${formatDuration(keepFor)} from now on.`,
  'job-held': ({ job }) => `Job ${job} is held.`,
  'job-resumed': ({ job }) => `Job ${job} goes on.`,
  'job-cancelled': ({ job }) => `Job ${job} is cancelled.`,
  'task-started': ({ task, pc }) => `Task ${task} resumed${pc === null ? '' : ` on ${pc}`}.`,
  'task-move-begun': ({ task, pc, because }) =>
    `Task ${task} sets out for ${pc}: ${reasonWords(because)}.`,
  'task-move-measured': ({ task, pc, freezeMs, bytes }) =>
    `Task ${task} moved to ${pc}: frozen for ${(freezeMs / 1000).toFixed(2)} s, ${formatSize(bytes)}.`,
  'task-move-failed': ({ task, pc, because }) =>
    `Task ${task} did not move to ${pc} and goes on where it was: ${reasonWords(because)}.`,
  'task-saved': ({ task, bytes }) => `Task ${task} is saved (${formatSize(bytes)}) and waits.`,
  'task-checkpoint-dropped': ({ task, because }) =>
    `A checkpoint of task ${task} cannot be restored and is dropped: ${reasonWords(because)}.`,
  'task-attempt-lost': ({ task, lostMs, because }) =>
    `Task ${task} lost ${Math.round(lostMs / 1000)} s of work: ${reasonWords(because)}.`,
  'task-held': ({ task, because }) => `Task ${task} is held: ${reasonWords(because)}.`,
  'task-let-go': ({ task }) => `Task ${task} may go on.`,
  'task-retried': ({ task, because }) => `Task ${task} is tried again: ${reasonWords(because)}.`,
  'task-failed': ({ task, because }) => `Task ${task} failed: ${reasonWords(because)}.`,
});
