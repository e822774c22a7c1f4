import { bytes, type Bytes } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { LabState } from '../state/state.ts';
import { Heap } from './heap.ts';
import { Speeds } from './speeds.ts';
import {
  freeProcessors,
  freeRoom,
  isOpen,
  misfit,
  memoryForTasks,
  reservedMemory,
  taskMisfit,
  type Room,
} from '../state/fit.ts';

export interface Spot {
  readonly member: Member;
  readonly free: { cpus: number; memory: Bytes };
}

interface Ranked {
  readonly spot: Spot;
  readonly place: number;
  readonly speed: number;
  /** After the task was placed; what the room was when this was reckoned may be less by now. */
  use: number;
}

/**
 * Free room of the PCs that take tasks, while one turn gives it away. The best PC is the fastest with room; among equals
 * the one where the task costs least: the lowest relative use of processors and memory after placing it (the opportunity
 * cost of Amir et al. 2000, reduced to its ordering). PCs the task failed on come last.
 *
 * Room only shrinks meanwhile, so a place on a heap can only get worse: what comes out on top is reckoned again and put
 * back unless it holds. Thus a thousand PCs are looked at once for all tasks of one size, and not for each of them.
 */
export class FreeRooms {
  readonly #spots: Spot[] = [];
  readonly #ranked = new Map<string, Heap<Ranked>>();
  /** Kinds of task that found nothing. */
  readonly #hopeless = new Set<string>();
  readonly #state: LabState;
  #speeds: Speeds | undefined;
  #slots = 0;

  constructor(state: LabState) {
    this.#state = state;
    // After most messages of a full lab this is all that is asked: it makes nothing for PCs without a free processor.
    for (const member of state.members.values()) {
      if (!isOpen(state, member) || freeProcessors(state, member) <= 0) continue;
      const free = { ...freeRoom(state, member) };
      this.#spots.push({ member, free });
      this.#slots += free.cpus;
    }
  }

  /** Free processors in all. */
  get slots(): number {
    return this.#slots;
  }

  /** `last`: PCs that get it only when no other has room. */
  best(job: Job, task: Task, last: ReadonlySet<MemberId> = none): Spot | undefined {
    const kind = this.#hopeless.size > 0 ? kindOf(job, task) : undefined;
    if (kind !== undefined && this.#hopeless.has(kind)) return undefined;
    const found = this.#look(job, task, last);
    if (!found) this.#hopeless.add(kind ?? kindOf(job, task));
    return found;
  }

  take({ free }: Spot, { spec }: Job): void {
    free.cpus -= spec.resources.cpus;
    free.memory = bytes(free.memory - reservedMemory(spec));
    this.#slots -= spec.resources.cpus;
  }

  #look(job: Job, task: Task, last: ReadonlySet<MemberId>): Spot | undefined {
    const heap = this.#heapFor(job);
    const passed: Ranked[] = [];
    let lesser: Ranked | undefined;
    let avoided: Ranked | undefined;
    let found: Ranked | undefined;
    for (let top = heap.top; top && !found; top = heap.top) {
      const { member, free } = top.spot;
      if (free.cpus < job.spec.resources.cpus || free.memory < reservedMemory(job.spec)) {
        heap.pop();
        continue;
      }
      const use = useAfter(member, free, job);
      if (use > top.use) {
        top.use = use;
        heap.topIsWorse();
      } else if (taskMisfit(job, task, member)) {
        heap.pop();
        passed.push(top);
      } else if (task.avoid.includes(member.id) || last.has(member.id)) {
        if (task.avoid.includes(member.id)) avoided ??= top;
        else lesser ??= top;
        heap.pop();
        passed.push(top);
      } else found = top;
    }
    for (const ranked of passed) heap.push(ranked);
    return (found ?? lesser ?? avoided)?.spot;
  }

  #heapFor(job: Job): Heap<Ranked> {
    const speeds = (this.#speeds ??= new Speeds(this.#state));
    const shape = shapeOf(job);
    let heap = this.#ranked.get(shape);
    if (heap) return heap;
    const fitting: Ranked[] = [];
    for (const [place, spot] of this.#spots.entries())
      if (!misfit(job.spec, spot.member))
        fitting.push({ spot, place, speed: speeds.classOf(spot.member), use: 0 });
    this.#ranked.set(shape, (heap = new Heap(isBetter, fitting)));
    return heap;
  }
}

const none: ReadonlySet<MemberId> = new Set();

/** What `misfit` looks at: jobs of one shape fit the same PCs. */
export const shapeOf = ({ spec }: Job): string =>
  `${spec.resources.cpus} ${reservedMemory(spec)} ${spec.pack}`;

/** And what `taskMisfit` looks at. */
export const kindOf = (job: Job, task: Task): string =>
  `${shapeOf(job)} ${task.heldFor === null ? '' : 'held'} ${job.spec.pin ? (task.home ?? '') : ''} ${task.checkpoints[0]?.cpuFeatures.join(' ') ?? ''}`;

function useAfter(member: Member, free: Room, job: Job): number {
  const cpu =
    (member.facts.processors - free.cpus + job.spec.resources.cpus) / member.facts.processors;
  const memory =
    (memoryForTasks(member) - free.memory + reservedMemory(job.spec)) / memoryForTasks(member);
  return Math.max(cpu, memory);
}

function isBetter(a: Ranked, b: Ranked): boolean {
  if (a.speed !== b.speed) return a.speed > b.speed;
  return a.use !== b.use ? a.use < b.use : a.place < b.place;
}
