import type { TaskPhase } from '../domain/task-phase.ts';
import type { TaskReason } from '../domain/task-reason.ts';
import type { Waiting } from '../domain/waiting.ts';
import { reasonWords } from './reason-words.ts';
import { waitingWords } from './waiting-words.ts';

/** Of a task, as views tell it. */
interface Doing {
  readonly phase: TaskPhase;
  /** Of the phase `moving`. */
  readonly movingTo: string | null;
}
interface Why {
  readonly waitingBecause: Waiting | null;
  readonly ahead: number | null;
  readonly reason: TaskReason | null;
}

const phases: Readonly<Partial<Record<TaskPhase, string>>> = {
  recalled: 'being taken back',
  frozen: 'frozen with its machine',
  storing: 'waiting to store its results',
};

/** What it does at the moment: `running`, `moving to pc-02`. */
export function phaseWords({ phase, movingTo }: Doing): string {
  if (phase === 'moving' && movingTo !== null) return `moving to ${movingTo}`;
  return phases[phase] ?? phase;
}

/** Why it failed, or is in trouble, in one clause. */
export function taskReasonWords(reason: TaskReason): string {
  switch (reason.code) {
    case 'results-wait':
      return `it has ended and its results wait on its PC: ${reasonWords(reason.facts.because)}`;
    case 'not-saved': {
      const { because, saved } = reason.facts;
      return `${reasonWords(because)}; if its PC goes, it ${saved ? 'goes on from what was saved before' : 'begins again'}`;
    }
    default:
      return reasonWords(reason);
  }
}

/** Why it waits, how many are ahead of it, and what happened to it before; null when it does not wait. */
export function whyItWaits({ waitingBecause, ahead, reason }: Why): string | null {
  if (waitingBecause === null) return null;
  const count = ahead ?? 0;
  const before = count > 0 ? `; ${count} task${count === 1 ? ' is' : 's are'} ahead` : '';
  const last = reason === null ? '' : ` (before: ${taskReasonWords(reason)})`;
  return `${waitingWords(waitingBecause)}${before}${last}`;
}

/** Why it waits, or else why it failed or is in trouble; null when there is nothing to say. */
export const taskWords = (task: Why): string | null =>
  whyItWaits(task) ?? (task.reason && taskReasonWords(task.reason));
