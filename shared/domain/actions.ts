import { ok, type Refusal, type Result } from '../base/result.ts';
import { taskNetworks, type TaskNetwork } from './job.ts';
import type { MemberState } from './member.ts';
import { refuseFor, type InVain, type RefusalCode } from './refusals.ts';

/**
 * What a person may do with a job, a machine and a practice PC, in one table: `jobCan.cancel(job)`. The head decides by it, and
 * faces ask it to offer only what makes sense and to say why the rest does not. The parameters are what any view of the thing
 * has. Where a task may go depends on more than views have: the head is asked (`tasks.targets`).
 */
export type Verdict = Result<null>;
const yes: Verdict = ok(null);

/** Codes of what is so already. A face does not offer it; whoever asks for it all the same has what they wanted. */
const alreadySo: ReadonlySet<string> = new Set<RefusalCode>([
  'job-is-held',
  'machine-is-cordoned',
  'machine-is-not-cordoned',
  'machine-is-being-emptied',
  'machine-is-released',
  'practice-pc-is-cut',
  'practice-pc-is-not-cut',
]);

/** Whether nothing would come of it, which is no reason to refuse. */
export const isMoot = ({ code }: Refusal): boolean => alreadySo.has(code);

export interface JobStanding {
  readonly id: string;
  /** Null: something of it is still to be done. */
  readonly finishedAt: number | null;
  /** As a whole, by a person. */
  readonly held: boolean;
  /** Tasks that are held by themselves. */
  readonly heldTasks: number;
}

const whenOpen = (job: JobStanding): Verdict =>
  job.finishedAt === null ? yes : refuseFor('refused', 'job-is-over', { job: job.id });

/** What may be asked of a job that is yet to be submitted. */
export const submitCan = {
  /** `network`: whatever a person wrote. */
  reach: (network: string): Result<TaskNetwork> => {
    const known = taskNetworks.find((name) => name === network);
    return known === undefined ? refuseFor('misuse', 'no-such-network', { network }) : ok(known);
  },
} as const;

export const jobCan = {
  cancel: whenOpen,
  hold: (job: JobStanding): Verdict => {
    const open = whenOpen(job);
    if (!open.ok || !job.held) return open;
    return refuseFor('refused', 'job-is-held', { job: job.id });
  },
  resume: (job: JobStanding): Verdict =>
    job.held || job.heldTasks > 0 ? yes : refuseFor('refused', 'job-is-not-held', { job: job.id }),
  /** Whether another job may be made to wait for its success (`afterOk`); for its end it always may. */
  precede: ({ id, inVain }: { readonly id: string; readonly inVain: InVain | null }): Verdict =>
    inVain === null ? yes : refuseFor('refused', 'job-is-in-vain', { job: id, because: inVain }),
} as const;

export interface MachineStanding {
  readonly name: string;
  readonly state: MemberState;
  readonly cordoned: boolean;
  readonly banned: boolean;
  /** Why it is being emptied; null: it is not. */
  readonly draining: 'evacuate' | 'release' | null;
}

export const isInLab = ({ state }: Pick<MachineStanding, 'state'>): boolean =>
  state === 'ready' || state === 'draining' || state === 'suspect';

const away = ({ name, state }: MachineStanding): Verdict =>
  refuseFor('refused', 'machine-is-away', { machine: name, state });
/** `because`: known to the head. */
const banned = ({ name }: MachineStanding, because: string | null): Verdict =>
  refuseFor('refused', 'machine-is-banned', { machine: name, because });

export const machineCan = {
  cordon: (machine: MachineStanding): Verdict =>
    machine.cordoned ? refuseFor('refused', 'machine-is-cordoned', { machine: machine.name }) : yes,
  uncordon: (machine: MachineStanding, because: string | null = null): Verdict => {
    if (machine.banned) return banned(machine, because);
    return machine.cordoned
      ? yes
      : refuseFor('refused', 'machine-is-not-cordoned', { machine: machine.name });
  },
  evacuate: (machine: MachineStanding, because: string | null = null): Verdict => {
    const { name: of, draining } = machine;
    if (draining === 'release')
      return refuseFor('refused', 'machine-is-being-released', { machine: of });
    if (!isInLab(machine)) return machine.banned ? banned(machine, because) : away(machine);
    return draining === null
      ? yes
      : refuseFor('refused', 'machine-is-being-emptied', { machine: of });
  },
  /** One that is being emptied may still be released: sooner, or for good. Who is released already stays so. */
  release: (machine: MachineStanding, because: string | null = null): Verdict => {
    if (isInLab(machine)) return yes;
    if (machine.state === 'released')
      return refuseFor('refused', 'machine-is-released', { machine: machine.name });
    return machine.banned ? banned(machine, because) : away(machine);
  },
} as const;

interface PracticePcLike {
  readonly name: string;
  readonly state: 'on' | 'off' | 'unplugged';
  readonly cut: boolean;
}

const whenOn = ({ name, state }: PracticePcLike): Verdict =>
  state === 'on' ? yes : refuseFor('refused', 'practice-pc-has-no-power', { machine: name, state });

export const practicePcCan = {
  unplug: whenOn,
  replug: ({ name, state }: PracticePcLike): Verdict =>
    state === 'on' ? refuseFor('refused', 'practice-pc-has-power', { machine: name }) : yes,
  cut: (pc: PracticePcLike): Verdict => {
    const on = whenOn(pc);
    if (!on.ok || !pc.cut) return on;
    return refuseFor('refused', 'practice-pc-is-cut', { machine: pc.name });
  },
  heal: (pc: PracticePcLike): Verdict => {
    const on = whenOn(pc);
    if (!on.ok || pc.cut) return on;
    return refuseFor('refused', 'practice-pc-is-not-cut', { machine: pc.name });
  },
  keypress: whenOn,
} as const;

/** The one that is meant. */
export function practicePcOf<Pc extends PracticePcLike>(
  pcs: readonly Pc[],
  name: string,
): Result<Pc> {
  const found = pcs.find((pc) => pc.name === name);
  if (found) return ok(found);
  const there = pcs.map((pc) => pc.name);
  return refuseFor('not-found', 'no-such-practice-pc', { machine: name, there });
}
