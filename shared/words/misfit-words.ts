import { formatSize } from '../base/units.ts';
import type { MisfitFacts } from '../domain/misfit.ts';
import { reasonWords } from './reason-words.ts';
import { wordsBy } from './words-by.ts';

/** One clause, which stands behind a colon. */
export const misfitWords = wordsBy<MisfitFacts>({
  'too-few-processors': ({ pc, asked, has }) =>
    `it asks for ${asked} processors and ${pc} has ${has}`,
  'too-little-memory': ({ pc, asked, has, forTasks }) =>
    `it asks for ${formatSize(asked)} of memory and ${pc} has ${formatSize(has)}${forTasks ? ' for tasks' : ''}`,
  'no-pack': ({ pc, pack }) => `it needs the software pack "${pack}", which ${pc} does not have`,
  'unknown-pack': ({ pack, packs }) =>
    `there is no software pack "${pack}", the lab has ${packs.join(', ')}`,
  'task-held': ({ because }) => reasonWords(because),
  pinned: ({ pc }) => `it is pinned to ${pc}`,
  'lacks-features': ({ pc, features }) =>
    `${pc}'s processor lacks ${features.slice(0, 3).join(', ')}, which the program may use since it ran on a newer one`,
});
