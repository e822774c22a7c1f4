import type { Leaving } from '../domain/machine-notes.ts';
import { reasonWords } from './reason-words.ts';

/** `evacuating: 2 tasks left`, and what holds it up. */
export function leavingWords({ purpose, when, tasksLeft, fault }: Leaving): string {
  const what = purpose === 'release' ? 'releasing' : 'evacuating';
  const left = `${tasksLeft} task${tasksLeft === 1 ? '' : 's'} left`;
  if (fault) return `${what}: ${left}; ${faults[fault.of]}: ${reasonWords(fault.because)}`;
  return when === 'task' ? `${what} when its tasks end: ${left}` : `${what}: ${left}`;
}

const faults = {
  save: 'the last attempt to save one failed',
  results: 'results of one that has ended',
} as const;
