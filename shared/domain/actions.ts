import { ok, refuse, type Result } from '../base/result.ts';
import type { MemberState } from './member.ts';

/**
 * What a person may do with a job, a machine and a practice PC, in one table: `jobCan.cancel(job)`. Faces ask it to offer
 * only what makes sense and to say why the rest does not; the head alone decides, and refuses nothing that is offered here. What
 * is not offered it refuses, or nothing would come of it. The parameters are what any view of the thing has. Where a task may
 * go depends on more than views have: the head is asked (`tasks.targets`).
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

interface MachineLike {
  readonly name: string;
  readonly state: MemberState;
  readonly cordoned: boolean;
}

const isHere = ({ state }: MachineLike): boolean =>
  state === 'ready' || state === 'draining' || state === 'suspect';

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
