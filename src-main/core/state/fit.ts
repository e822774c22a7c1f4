import { bytes, type Bytes } from '../../../shared/base/units.ts';
import { defaultTaskMemory } from '../../../shared/domain/settings.ts';
import type { Job, JobSpec, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { Misfit } from '../../../shared/domain/misfit.ts';
import { isLinked, type LabState } from './state.ts';

/** Memory that is set aside for a task. */
export const reservedMemory = (spec: JobSpec): Bytes =>
  bytes(spec.resources.memory ?? defaultTaskMemory);

/** What tasks may have of a PC's memory together; the rest is its system's. */
export const memoryForTasks = ({ facts }: Member): Bytes =>
  bytes(Math.min(facts.spare ?? facts.memory, facts.memory));

export interface Room {
  readonly cpus: number;
  readonly memory: Bytes;
}

/** What is not taken by tasks that are there or on their way. */
export function freeRoom(state: LabState, member: Member): Room {
  const memory = bytes(memoryForTasks(member) - (state.index.used.get(member.id)?.memory ?? 0));
  return { cpus: freeProcessors(state, member), memory };
}

export const freeProcessors = ({ index }: LabState, { id, facts }: Member): number =>
  facts.processors - (index.used.get(id)?.cpus ?? 0);

/** Whether the member takes new tasks at all right now. */
export const isOpen = (state: LabState, member: Member): boolean =>
  member.state === 'ready' && isLinked(state, member) && !member.cordoned;

/** Why this PC could never run the job, however empty it is; nothing when it could. */
export function misfit(spec: JobSpec, member: Member): Misfit | undefined {
  const { facts } = member;
  const pc = member.name;
  const { cpus } = spec.resources;
  if (cpus > facts.processors)
    return { code: 'too-few-processors', facts: { pc, asked: cpus, has: facts.processors } };
  const asked = reservedMemory(spec);
  const has = memoryForTasks(member);
  if (asked > has)
    return {
      code: 'too-little-memory',
      facts: { pc, asked, has, forTasks: facts.spare !== undefined },
    };
  if (!facts.packs.includes(spec.pack)) return { code: 'no-pack', facts: { pc, pack: spec.pack } };
  return undefined;
}

/** Why this task may not go to this PC although the job could: where it has to stay, CPU features of its checkpoint. */
export function taskMisfit(job: Job, task: Task, member: Member): Misfit | undefined {
  if (task.heldFor !== null) return { code: 'task-held', facts: { because: task.heldFor } };
  if (job.spec.pin && task.home && task.home !== member.id)
    return { code: 'pinned', facts: { pc: task.home } };
  const checkpoint = task.checkpoints[0];
  if (checkpoint) {
    const features = missingFeatures(checkpoint.cpuFeatures, member.facts.cpuFeatures);
    if (features.length > 0)
      return { code: 'lacks-features', facts: { pc: member.name, features } };
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
export function neverFits(spec: JobSpec, members: Iterable<Member>): Misfit | undefined {
  const all = [...members];
  const packs = new Set(all.flatMap((member) => member.facts.packs));
  if (all.length > 0 && !packs.has(spec.pack))
    return { code: 'unknown-pack', facts: { pack: spec.pack, packs: [...packs].sort() } };
  let best: { member: Member; why: Misfit } | undefined;
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
