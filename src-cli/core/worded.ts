import type { JobView, LabView, MachineView, Report, TaskView } from '../../shared/api/views.ts';
import type { WholeJob } from '../../shared/api/whole-job.ts';
import { diaryWords } from '../../shared/words/diary-words.ts';
import { noteWords } from '../../shared/words/machine-words.ts';
import { leavingWords } from '../../shared/words/leaving-words.ts';
import { reasonWords } from '../../shared/words/reason-words.ts';
import { taskReasonWords } from '../../shared/words/task-words.ts';
import { waitingWords } from '../../shared/words/waiting-words.ts';

/*
 * Views as `--json` prints them: programs compare codes and facts, and find beside them, as `words`, what a person would read.
 */

/** With its words; null stays null. */
const worded = <Value extends object>(
  value: Value | null,
  wordsOf: (value: Value) => string,
): (Value & { readonly words: string }) | null => value && { ...value, words: wordsOf(value) };

export const machineJson = (machine: MachineView): object => ({
  ...machine,
  leaving: worded(machine.leaving, leavingWords),
  note: worded(machine.note, noteWords),
});

export const taskJson = (task: TaskView): object => ({
  ...task,
  waitingBecause: worded(task.waitingBecause, waitingWords),
  reason: worded(task.reason, taskReasonWords),
  migrations: task.migrations.map(withReason),
});

export const jobJson = <Job extends Pick<JobView, 'neverStarts'>>(job: Job): object => ({
  ...job,
  ...(job.neverStarts && { neverStarts: worded(job.neverStarts, waitingWords) }),
});

export const wholeJobJson = (job: WholeJob): object =>
  jobJson({ ...job, tasks: job.tasks.map(taskJson) });

export const labJson = (lab: LabView): object => ({
  ...lab,
  machines: lab.machines.map(machineJson),
  jobs: lab.jobs.map(jobJson),
  moves: lab.moves.map(withReason),
  diary: lab.diary.map((line) => worded(line, diaryWords)),
});

export const reportJson = (report: Report): object => ({
  ...report,
  moves: report.moves.map(withReason),
  losses: report.losses.map((loss) => ({ ...loss, reason: worded(loss.reason, reasonWords) })),
  machines: report.machines.map((machine) => ({
    ...machine,
    note: worded(machine.note, noteWords),
  })),
  failures: report.failures.map((failure) => ({
    ...failure,
    reason: worded(failure.reason, reasonWords),
  })),
});

const withReason = <Move extends TaskView['migrations'][number] | LabView['moves'][number]>(
  move: Move,
): object => ({ ...move, because: worded(move.because, reasonWords) });
