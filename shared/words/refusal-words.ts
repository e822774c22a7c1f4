import { said, type Facts, type Refusal, type ToldRefusal } from '../base/result.ts';
import { misfitWords } from './misfit-words.ts';
import type { RefusalCode, RefusalFacts } from '../domain/refusals.ts';
import { listPcs } from './list-pcs.ts';

type Words = {
  readonly [Code in RefusalCode]: (facts: RefusalFacts[Code]) => string;
};

/** One sentence each that says what is the matter and what to do. It begins small: it often stands behind a colon. */
const words: Words = {
  'line-of-table': ({ line, because }) => `line ${line}: ${refusalWords(because)}`,
  'job-is-over': ({ job }) => `job ${job} is over already.`,
  'job-is-held': ({ job }) => `job ${job} is held already.`,
  'job-is-not-held': ({ job }) => `job ${job} is not held.`,
  'job-is-in-vain': ({ job, because }) =>
    `job ${job} ${inVain[because]}, so what waits for its success would never start; wait for another job, ` +
    `or only for its end, however it ends: --after-any ${job}`,
  'no-such-network': ({ network }) =>
    `tasks have no network here, so "${network}" cannot be had: leave it out or write none, and bring data as inputs and outputs.`,
  'machine-is-cordoned': ({ machine }) => `${machine} is cordoned already.`,
  'machine-is-not-cordoned': ({ machine }) => `${machine} is not cordoned.`,
  'machine-is-banned': ({ machine, because }) =>
    `This PC, ${machine}, is banned from this lab${because === null ? '' : ` (${because})`}; ` +
    `nightshift machines unban ${machine} lets it in again.`,
  'machine-is-away': ({ machine, state }) => `${machine} is not in the lab (it is ${state}).`,
  'machine-is-released': ({ machine }) => `${machine} was given back already.`,
  'machine-is-being-emptied': ({ machine }) => `${machine} is being emptied already.`,
  'machine-is-being-released': ({ machine }) =>
    `${machine} is being given back; evacuated instead it would stay in the lab.`,
  'no-pc-fits': ({ misfit }) => `no PC of this lab fits: ${misfitWords(misfit)}.`,
  'task-does-not-fit': ({ task, machine, misfit }) =>
    `task ${task} cannot go to ${machine}: ${misfitWords(misfit)}.`,
  'disk-full': ({ folder }) => `the head's disk is full; free some space in ${folder}.`,
  'only-at-the-head': ({ procedure }) =>
    `${procedure} touches the head's own machine and is done there only: run the command on the head itself.`,
  'no-such-practice-pc': ({ machine, there }) =>
    there.length === 0
      ? `there is no practice PC ${machine}; start some with nightshift practice up.`
      : `there is no practice PC ${machine}; there ${there.length === 1 ? 'is' : 'are'} ${listPcs(there)}.`,
  'practice-pc-has-no-power': ({ machine }) =>
    `${machine} has no power; give it power with nightshift practice replug ${machine}.`,
  'practice-pc-has-power': ({ machine }) => `${machine} has power; pull its plug first.`,
  'practice-pc-is-cut': ({ machine }) => `${machine} is cut off already.`,
  'practice-pc-is-not-cut': ({ machine }) => `${machine} is not cut off from the network.`,
};

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
