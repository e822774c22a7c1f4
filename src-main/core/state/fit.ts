import { reasonWords } from '../../../shared/words/reason-words.ts';
import { formatSize } from '../../../shared/base/units.ts';
import { defaultTaskMemory } from '../../../shared/domain/settings.ts';
import type { Job, JobSpec, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { isLinked, type LabState } from './state.ts';

/** Memory that is set aside for a task, in bytes. */
export const reservedMemory = (spec: JobSpec): number => spec.resources.memory ?? defaultTaskMemory;

/** What tasks may have of a PC's memory together; the rest is its system's. */
export const memoryForTasks = ({ facts }: Member): number =>
  Math.min(facts.spare ?? facts.memory, facts.memory);

export interface Room {
  readonly cpus: number;
  readonly memory: number;
}

/** What is not taken by tasks that are there or on their way. */
export function freeRoom(state: LabState, member: Member): Room {
  const memory = memoryForTasks(member) - (state.index.used.get(member.id)?.memory ?? 0);
  return { cpus: freeProcessors(state, member), memory };
}

export const freeProcessors = ({ index }: LabState, { id, facts }: Member): number =>
  facts.processors - (index.used.get(id)?.cpus ?? 0);

/** Whether the member takes new tasks at all right now. */
export const isOpen = (state: LabState, member: Member): boolean =>
  member.state === 'ready' && isLinked(state, member) && !member.cordoned;

/** Why this PC could never run the job, however empty it is; nothing when it could. */
export function misfit(spec: JobSpec, member: Member): string | undefined {
  const { facts } = member;
  if (spec.resources.cpus > facts.processors)
    return `it asks for ${spec.resources.cpus} processors and ${member.name} has ${facts.processors}`;
  if (reservedMemory(spec) > memoryForTasks(member))
    return `it asks for ${formatSize(reservedMemory(spec))} of memory and ${member.name} has ${formatSize(memoryForTasks(member))}${facts.spare === undefined ? '' : ' for tasks'}`;
  if (!facts.packs.includes(spec.pack))
    return `it needs the software pack "${spec.pack}", which ${member.name} does not have`;
  return undefined;
}

/** Why this task may not go to this PC although the job could: where it has to stay, CPU features of its checkpoint. */
export function taskMisfit(job: Job, task: Task, member: Member): string | undefined {
  if (task.heldFor !== null) return reasonWords(task.heldFor);
  if (job.spec.pin) {
    if (task.home && task.home !== member.id) return `it is pinned to ${task.home}`;
  }
  const checkpoint = task.checkpoints[0];
  if (checkpoint) {
    const missing = missingFeatures(checkpoint.cpuFeatures, member.facts.cpuFeatures);
    if (missing.length > 0)
      return `${member.name}'s processor lacks ${missing.slice(0, 3).join(', ')}, which the program may use since it ran on a newer one`;
  }
  return undefined;
}

/** A PC's features as a set: thousands of tasks ask for those of the same few PCs. */
const asSets = new WeakMap<readonly string[], ReadonlySet<string>>();

export function missingFeatures(needed: readonly string[], present: readonly string[]): string[] {
  if (needed === present) return [];
  let has = asSets.get(present);
  if (!has) asSets.set(present, (has = new Set(present)));
  return needed.filter((feature) => !has.has(feature));
}

/**
 * Which requirement no PC of the lab meets; nothing when at least one could run it. Judged against the PCs the lab
 * knows, on or off; a lab that knows none refuses nothing.
 */
export function neverFits(spec: JobSpec, members: Iterable<Member>): string | undefined {
  const all = [...members];
  const packs = new Set(all.flatMap((member) => member.facts.packs));
  if (all.length > 0 && !packs.has(spec.pack))
    return `there is no software pack "${spec.pack}", the lab has ${[...packs].sort().join(', ')}`;
  let best: { member: Member; why: string } | undefined;
  for (const member of all) {
    const why = misfit(spec, member);
    if (!why) return undefined;
    if (
      !best ||
      member.facts.processors > best.member.facts.processors ||
      memoryForTasks(member) > memoryForTasks(best.member)
    )
      best = { member, why };
  }
  return best?.why;
}
