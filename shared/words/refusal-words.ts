import { said, type Facts, type Refusal, type ToldRefusal } from '../base/result.ts';
import { misfitWords } from './misfit-words.ts';
import type { RefusalCode, RefusalFacts } from '../domain/refusals.ts';
import { listPcs } from './list-pcs.ts';
import { way } from './ways.ts';

type Words = {
  readonly [Code in RefusalCode]: (facts: RefusalFacts[Code]) => string;
};

/** One sentence each that says what is the matter and what to do. It begins small: it often stands behind a colon. */
const words: Words = {
  'line-of-table': ({ line, because }) => `line ${line}: ${refusalWords(because)}`,
  'job-is-over': ({ job }) => `job ${job} is over already.`,
  'job-is-not-over': ({ job }) => `job ${job} is not over; end it first: ${way().cancelJob(job)}`,
  'job-is-waited-for': ({ job, by }) =>
    `job ${by} is to start after job ${job}, which stays until then; or cancel job ${by} first.`,
  'job-is-held': ({ job }) => `job ${job} is held already.`,
  'job-is-not-held': ({ job }) => `job ${job} is not held.`,
  'job-is-in-vain': ({ job, because }) =>
    `job ${job} ${inVain[because]}, so what waits for its success would never start; wait for another job, ` +
    `or only for its end, however it ends: --after-any ${job}`,
  'no-such-network': ({ network }) =>
    `tasks have no network here, so "${network}" cannot be had: leave it out or write none, and bring data as inputs and outputs.`,
  'range-ends-before-it-begins': ({ first, last }) =>
    `the range ${first}-${last} ends before it begins.`,
  'array-is-too-large': ({ first, last, most }) =>
    `a job array has at most ${most} tasks; ${first}-${last} has ${last - first + 1}.`,
  'no-command': () => 'the job has no command.',
  'no-job-to-wait-for': ({ job }) => `there is no job ${job} to wait for.`,
  'input-is-not-here': ({ path }) => `the input "${path}" has not been sent to the head.`,
  'inputs-share-a-name': ({ path }) =>
    `two inputs have the same name "${path}" in the task's directory.`,
  'input-below-a-link': ({ path, link }) =>
    `the input "${path}" stands below "${link}", which is a link.`,
  'no-such-job': ({ named }) => `there is no job "${named}"; ${way().jobs} lists them.`,
  'no-such-task': ({ named }) => `there is no task "${named}"; ${way().jobs} lists the jobs.`,
  'no-task-of-that-index': ({ job, index, first, last }) =>
    `job ${job} has no task ${index}; its tasks are ${job}.${first} to ${job}.${last}.`,
  'several-tasks': ({ job, tasks, first }) =>
    `job ${job} has ${tasks} tasks; name one, such as ${job}.${first}.`,
  'task-is-not-running': ({ task, state }) =>
    `task ${task} is not running (it is ${state}); only a running task moves.`,
  'task-is-moving': ({ task, to }) => `task ${task} is on its way to ${to} already.`,
  'task-is-between': ({ task, phase }) =>
    `task ${task} is ${between[phase]}; try again in a moment.`,
  'task-is-pinned': ({ task }) => `task ${task} is pinned (--pin) and never moves.`,
  'machine-does-not-answer': ({ machine }) =>
    `${machine} does not answer at the moment; try again when it is back.`,
  'machine-takes-no-tasks': ({ machine, state }) => `${machine} takes no tasks: it is ${state}.`,
  'machine-is-crowded': ({ machine, processors, wanted }) =>
    `${machine} is crowded already: tasks for ${wanted} processors share its ${processors}.`,
  'machine-has-no-memory': ({ machine, task }) =>
    `${machine} has too little free memory for task ${task}.`,
  'no-such-machine': ({ named }) => `there is no machine "${named}"; ${way().machines} lists them.`,
  'no-such-machine-or-card': ({ named }) =>
    `there is no machine "${named}"; write its name, or its network card's address as in 52:54:00:ab:cd:ef.`,
  'no-machine-is-here': () => 'no PC is in the lab at the moment.',
  'machine-is-not-banned': ({ machine }) => `${machine} is not banned.`,
  'machine-is-here': ({ machine }) =>
    `${machine} is in the lab; release it first, or keep it out with: ${way().banMachine(machine)}`,
  'seat-given-twice': ({ machine }) => `${machine} is given a seat twice.`,
  'seat-is-taken': ({ seat, machines: [one, other] }) =>
    `${seat} would be the seat of ${one} and of ${other}; a seat has one PC.`,
  'too-many-wrong-codes': () => 'too many wrong codes in a row; wait a minute and try again.',
  'no-pc-with-that-code': ({ code }) =>
    `no PC waits with the code ${code}; read it off the PC's screen again (a code is good for 15 minutes, and a PC that starts anew shows another).`,
  'machine-is-cordoned': ({ machine }) => `${machine} is cordoned already.`,
  'machine-is-not-cordoned': ({ machine }) => `${machine} is not cordoned.`,
  'machine-is-banned': ({ machine, because }) =>
    `This PC, ${machine}, is banned from this lab${because === null ? '' : ` (${because})`}; ` +
    `${way().unbanMachine(machine)} lets it in again.`,
  'machine-is-away': ({ machine, state }) => `${machine} is not in the lab (it is ${state}).`,
  'machine-is-released': ({ machine }) => `${machine} was given back already.`,
  'machine-is-being-emptied': ({ machine }) => `${machine} is being emptied already.`,
  'machine-is-being-released': ({ machine }) =>
    `${machine} is being given back; evacuated instead it would stay in the lab.`,
  'no-pc-fits': ({ misfit }) => `no PC of this lab fits: ${misfitWords(misfit)}.`,
  'task-does-not-fit': ({ task, machine, misfit }) =>
    `task ${task} cannot go to ${machine}: ${misfitWords(misfit)}.`,
  'no-such-night': ({ night, newest }) =>
    `there is no night ${night}; ${newest === 0 ? 'no night has begun yet' : `the newest is night ${newest}`}.`,
  'machine-cannot-be-woken': ({ machine }) =>
    `${machine} cannot be woken: the address of its network card is not known; switch it on by hand.`,
  'path-is-not-whole': ({ path }) => `${path} is not a whole path; begin with /.`,
  'target-is-being-written': ({ path }) =>
    `${path} is being written already; wait until that is over.`,
  'no-such-drive': ({ path, offered }) =>
    `There is no drive ${path}; ${offered.length === 0 ? 'plug in a USB stick' : `there are ${offered.join(', ')}`}.`,
  'floppies-cannot-be-served': ({ because }) =>
    `A floppy fetches the rest from this head, which cannot serve it: ${refusalWords(because)} ` +
    'Or say with --address HOST:PORT where the head will be.',
  'boot-files-are-not-served': () => 'The boot files are not served.',
  'no-such-interface': ({ interface: named, there }) =>
    `There is no lab interface ${named} with an address; there ${there.length === 1 ? 'is' : 'are'} ${there.join(', ') || 'none'}.`,
  'no-interface-to-a-lab': () =>
    'This machine has no network interface with an address that leads to a lab; plug it into the lab’s network.',
  'could-not-be-stored': ({ because }) => `it could not be stored: ${because}`,
  'disk-full': ({ folder }) => `the head's disk is full; free some space in ${folder}.`,
  'only-at-the-head': ({ procedure }) =>
    `${procedure} touches the head's own machine and is done there only: run the command on the head itself.`,
  'no-such-practice-pc': ({ machine, there }) =>
    there.length === 0
      ? `there is no practice PC ${machine}; start some with ${way().practiceUp}.`
      : `there is no practice PC ${machine}; there ${there.length === 1 ? 'is' : 'are'} ${listPcs(there)}.`,
  'practice-pc-has-no-power': ({ machine }) =>
    `${machine} has no power; give it power with ${way().practiceReplug(machine)}.`,
  'practice-pc-has-power': ({ machine }) => `${machine} has power; pull its plug first.`,
  'practice-pc-is-cut': ({ machine }) => `${machine} is cut off already.`,
  'practice-pc-is-not-cut': ({ machine }) => `${machine} is not cut off from the network.`,
};

const between = {
  starting: 'starting',
  recalled: 'being taken back',
  saving: 'being saved',
  checkpointing: 'being saved',
  leaving: 'leaving its PC',
  stopping: 'being ended',
} as const;

const inVain = {
  failed: 'has failed',
  cancelled: 'was cancelled',
  'never-starts': 'never starts itself',
} as const;

/** What a refusal says to a person, in every face. */
export function refusalWords(refusal: Refusal | ToldRefusal): string {
  const { code, facts } = refusal;
  const told = 'sentence' in refusal ? refusal.sentence : undefined;
  try {
    if (code === said) return whole(facts)['sentence'] as string;
    if (Object.hasOwn(words, code)) return words[code as RefusalCode](whole(facts) as never);
  } catch (error) {
    // Another version of Nightshift, which tells other facts of it.
    if (told === undefined) throw error;
  }
  return told ?? `refused (${code})`;
}

/** Complains about a fact that is missing, rather than have a sentence say "undefined". */
const whole = (facts: Facts): Facts =>
  new Proxy(facts, {
    get: (known, name) => {
      const fact = Reflect.get(known, name) as unknown;
      if (fact === undefined) throw new Error(`the fact ${String(name)} is missing`);
      return fact;
    },
  });

/** As it goes over the wire. */
export const toldRefusal = (refusal: Refusal): ToldRefusal => ({
  ...refusal,
  sentence: refusalWords(refusal),
});
