import type { MachineView } from '../../../shared/api/views.ts';
import type { TaskId } from '../../../shared/domain/ids.ts';
import type { Leaving, MachineNote } from '../../../shared/domain/machine-notes.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { seatText } from '../../../shared/domain/seat.ts';
import type { Reason } from '../../../shared/domain/reasons.ts';
import { seenOf, type LabState } from '../state/state.ts';
import { departureFlag, departureNote, lossNote, type TimeOfDay } from './departure.ts';

export function machineView(state: LabState, member: Member, timeOfDay: TimeOfDay): MachineView {
  const here = [...(state.index.on.get(member.id) ?? [])].filter(
    (id) => state.tasks.get(id)?.attempt?.machine === member.id,
  );
  const { linked, load } = seenOf(state, member);
  let slots = 0;
  for (const id of state.index.on.get(member.id) ?? []) {
    const task = state.tasks.get(id);
    slots += (task && state.jobs.get(task.job)?.spec.resources.cpus) ?? 0;
  }
  const urgent = urgentNote(state, member);
  return {
    id: member.id,
    name: member.name,
    seat: member.seat && seatText(member.seat),
    state: member.state,
    cordoned: member.cordoned,
    banned: member.banned !== null,
    draining: member.drain?.purpose ?? null,
    enrolledBy: member.enrolledBy,
    linked,
    cpu: member.facts.processors,
    memory: member.facts.memory,
    memoryFree: load.memoryFree,
    load: load.load,
    speed: member.facts.speed,
    cpuModel: member.facts.cpuModel,
    cpuFamily: cpuFamily(member.facts.cpuFeatures),
    tasks: here,
    slotsUsed: slots,
    releasedAt: member.releasedAt,
    leftAt: member.departure?.leftAt ?? null,
    lostAt: member.lostAt,
    flag: departureFlag(member),
    leaving: urgent ? null : leavingOf(state, member, here),
    note:
      urgent ??
      machineNote(state, member, here) ??
      lossNote(member, timeOfDay) ??
      departureNote(member, timeOfDay),
  };
}

/** By name, `pc-2` before `pc-10`. */
export const machineViews = (state: LabState, timeOfDay: TimeOfDay): MachineView[] =>
  [...state.members.values()]
    .map((member) => machineView(state, member, timeOfDay))
    .sort((a, b) => byName.compare(a.name, b.name));

/** Made once: to make one costs more than a hundred comparisons. */
const byName = new Intl.Collator('en', { numeric: true });

/**
 * Members of one family can take each other's tasks: named by the newest level of the x86-64 psABI that the features
 * reach, plus a short fingerprint of the whole set, because a restore needs every flag and not just a level.
 */
export function cpuFamily(features: readonly string[]): string {
  let family = families.get(features);
  if (family === undefined) families.set(features, (family = familyOf(features)));
  return family;
}

/** A PC's features are the same all night, and views are made several times a second. */
const families = new WeakMap<readonly string[], string>();

function familyOf(features: readonly string[]): string {
  const has = new Set(features);
  const all = (...names: string[]): boolean => names.every((name) => has.has(name));
  let level = 1;
  if (all('cx16', 'lahf_lm', 'popcnt', 'sse4_1', 'sse4_2', 'ssse3')) level = 2;
  if (level === 2 && all('avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'movbe', 'xsave')) level = 3;
  if (level === 3 && all('avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl')) level = 4;
  let hash = 0;
  for (const feature of features)
    for (const letter of feature) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return `x86-64-v${level}/${hash.toString(36).slice(-4).padStart(4, '0')}`;
}

/** What a person should know before anything else. */
function urgentNote({ transient }: LabState, member: Member): MachineNote | null {
  const { id, name, banned, outdated } = member;
  if (banned) return { code: 'banned', facts: { pc: name, because: banned.because } };
  if (outdated) return { code: 'outdated', facts: { kind: outdated.kind } };
  if (transient.twins.get(id)?.isTwo) return { code: 'two-pcs', facts: { pc: name } };
  const task = transient.ahead.get(id);
  return task === undefined ? null : { code: 'holds-unknown', facts: { task } };
}

/** What it does that is being emptied. */
function leavingOf(
  { transient }: LabState,
  { state, drain }: Member,
  here: readonly TaskId[],
): Leaving | null {
  if (state !== 'draining' || !drain) return null;
  const late = firstOf(transient.resultsWait, here);
  const unsaved = firstOf(transient.saveFault, here);
  return {
    purpose: drain.purpose,
    when: drain.moment,
    tasksLeft: here.length,
    fault: late
      ? { of: 'results', because: late }
      : unsaved
        ? { of: 'save', because: unsaved }
        : null,
  };
}

function machineNote(
  { transient }: LabState,
  { state }: Member,
  here: readonly TaskId[],
): MachineNote | null {
  if (state === 'draining') return null;
  if (state === 'suspect') return { code: 'silent', facts: {} };
  const because = firstOf(transient.saveFault, here);
  return because ? { code: 'not-saved', facts: { because } } : null;
}

const firstOf = (
  faults: ReadonlyMap<TaskId, Reason>,
  here: readonly TaskId[],
): Reason | undefined => {
  const id = here.find((each) => faults.has(each));
  return id === undefined ? undefined : faults.get(id);
};
