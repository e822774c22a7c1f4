import { ok, refuse, type Result } from '../base/result.ts';
import type { MemberState } from './member.ts';
import type { TaskState } from './job.ts';

/**
 * What a person may do with a job, a task, a machine and a practice PC, in one table: `jobCan.cancel(job)`. Faces ask
 * it to offer only what makes sense and to say why the rest does not; the head alone decides, by the same words where it can.
 * The parameters are what any view of the thing has.
 */
type Verdict = Result<null>;
const yes: Verdict = ok(null);
const no = (sentence: string): Verdict => refuse('refused', sentence);

interface JobLike {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'suspended' | 'held' | 'done' | 'failed' | 'cancelled';
}

const isOver = ({ state }: JobLike): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled';

export const jobCan = {
  cancel: (job: JobLike): Verdict => (isOver(job) ? no(`job ${job.id} is over already.`) : yes),
  hold: (job: JobLike): Verdict => {
    if (isOver(job)) return no(`job ${job.id} is over already.`);
    return job.state === 'held' ? no(`job ${job.id} is held already.`) : yes;
  },
  resume: (job: JobLike): Verdict =>
    job.state === 'held' ? yes : no(`job ${job.id} is not held.`),
} as const;

interface TaskLike {
  readonly id: string;
  readonly state: TaskState;
  /** As `TaskView.phase`: `running`, `moving to pc-02`, `starting` … */
  readonly phase: string;
  readonly machine: string | null;
}

interface MachineLike {
  readonly name: string;
  readonly state: MemberState;
  readonly cordoned: boolean;
}

interface Slots {
  /** Processors. */
  readonly cpu: number;
  readonly slotsUsed: number;
}

const isHere = ({ state }: MachineLike): boolean =>
  state === 'ready' || state === 'draining' || state === 'suspect';

export const taskCan = {
  /** Whether it can move at all; where to is `migrateTo`'s question. */
  migrate: (task: TaskLike): Verdict => {
    if (task.machine === null || task.state !== 'running') {
      return no(`task ${task.id} is not running (it is ${task.state}); only a running task moves.`);
    }
    return task.phase === 'running'
      ? yes
      : no(`task ${task.id} is ${task.phase}; try again in a moment.`);
  },
  migrateTo: (task: TaskLike, machine: MachineLike & Slots, cpus: number): Verdict => {
    const atAll = taskCan.migrate(task);
    if (!atAll.ok) return atAll;
    if (task.machine === machine.name) {
      return no(`task ${task.id} runs on ${machine.name} already.`);
    }
    if (machine.state !== 'ready' || machine.cordoned) {
      const why = machine.state === 'ready' ? 'cordoned' : machine.state;
      return no(`${machine.name} takes no tasks: it is ${why}.`);
    }
    if (machine.cpu - machine.slotsUsed < cpus) {
      return no(`${machine.name} has no free slot (${machine.slotsUsed} of ${machine.cpu} taken).`);
    }
    return yes;
  },
} as const;

export const machineCan = {
  cordon: (machine: MachineLike): Verdict =>
    machine.cordoned ? no(`${machine.name} is cordoned already.`) : yes,
  uncordon: (machine: MachineLike): Verdict =>
    machine.cordoned ? yes : no(`${machine.name} is not cordoned.`),
  evacuate: (machine: MachineLike): Verdict => {
    if (!isHere(machine)) return no(`${machine.name} is not in the lab (it is ${machine.state}).`);
    return machine.state === 'draining' ? no(`${machine.name} is being emptied already.`) : yes;
  },
  /** A draining member may still be released: sooner, or for good. */
  release: (machine: MachineLike): Verdict =>
    isHere(machine) ? yes : no(`${machine.name} is not in the lab (it is ${machine.state}).`),
} as const;

interface PracticePcLike {
  readonly name: string;
  readonly state: 'on' | 'off' | 'unplugged';
  readonly cut: boolean;
}

const whenOn = (pc: PracticePcLike): Verdict =>
  pc.state === 'on' ? yes : no(`${pc.name} has no power (it is ${pc.state}).`);

export const practicePcCan = {
  unplug: whenOn,
  replug: (pc: PracticePcLike): Verdict =>
    pc.state === 'on' ? no(`${pc.name} has power already.`) : yes,
  cut: (pc: PracticePcLike): Verdict =>
    pc.cut ? no(`${pc.name} is cut off already.`) : whenOn(pc),
  heal: (pc: PracticePcLike): Verdict =>
    pc.cut ? yes : no(`${pc.name} is not cut off from the network.`),
  keypress: whenOn,
} as const;
