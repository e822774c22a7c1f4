// How a person does what a sentence proposes, where they read it: a command for who types, a button for who looks at the app.

interface Ways {
  cancelJob(job: string): string;
  /** Without a job: where the sentence stands beside it. */
  resumeJob(job?: string): string;
  /** Where jobs, and PCs, can be looked up: the beginning of a clause. */
  readonly jobs: string;
  readonly machines: string;
  /** Keeps a PC that is in the lab out of its books; what else may be done than release it. */
  banMachine(machine: string): string;
  unbanMachine(machine: string): string;
  readonly practiceUp: string;
  practiceReplug(machine: string): string;
}

const typed: Ways = {
  cancelJob: (job) => `nightshift cancel ${job}`,
  resumeJob: (job) => ['nightshift resume', ...(job === undefined ? [] : [job])].join(' '),
  jobs: 'nightshift jobs',
  machines: 'nightshift machines',
  banMachine: (machine) => `nightshift machines ban ${machine}`,
  unbanMachine: (machine) => `nightshift machines unban ${machine}`,
  practiceUp: 'nightshift practice up',
  practiceReplug: (machine) => `nightshift practice replug ${machine}`,
};

/** What the app has no button for yet is said as what to type, on the head's machine. */
const pressed: Ways = {
  ...typed,
  cancelJob: () => 'Cancel',
  resumeJob: () => 'Resume',
  jobs: 'the page Jobs',
  machines: 'the page Lab',
  banMachine: (machine) => `${typed.banMachine(machine)} (in a terminal)`,
  unbanMachine: (machine) => `${typed.unbanMachine(machine)} (in a terminal)`,
  practiceUp: 'Bring up',
  practiceReplug: () => 'Plug in again',
};

let ways = typed;

/** Said once by the app's page, before anything is shown. */
export function speakOfButtons(): void {
  ways = pressed;
}

/** The ways of whoever reads here. */
export const way = (): Ways => ways;
