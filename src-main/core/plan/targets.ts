import type { MemberId } from '../../../shared/domain/ids.ts';
import { missingFeatures } from '../state/fit.ts';
import { Heap } from './heap.ts';
import type { MemberSnapshot, TaskSnapshot } from './load-snapshot.ts';
import { rate } from './rate.ts';

export interface Target {
  readonly member: MemberSnapshot;
  /** What a task of that kind would get done there per second. */
  readonly rate: number;
  readonly place: number;
}

/** PCs with room, by what a task would get there; those that take part in a move already are taken. */
export class Targets {
  /** What no task can get more than anywhere. */
  readonly fastest: number;
  readonly #free: readonly MemberSnapshot[];
  readonly #ranked = new Map<string, Heap<Target>>();
  readonly #taken = new Set<MemberId>();

  constructor(members: readonly MemberSnapshot[]) {
    this.#free = members.filter(({ processors, usedProcessors }) => processors > usedProcessors);
    this.fastest = this.#free.reduce(
      (most, member) => Math.max(most, rate(member, member.usedProcessors + 1)),
      0,
    );
  }

  take({ id }: MemberSnapshot): void {
    this.#taken.add(id);
  }

  isTaken({ id }: MemberSnapshot): boolean {
    return this.#taken.has(id);
  }

  /** What a move costs does not depend on its target, so the fastest that can take the task is the best. */
  bestFor(task: TaskSnapshot): Target | undefined {
    const ranked = this.#rankedFor(task);
    let itself: Target | undefined;
    for (let top = ranked.top; top; top = ranked.top) {
      if (!this.#taken.has(top.member.id)) {
        if (top.member.id !== task.on) break;
        itself = top;
      }
      ranked.pop();
    }
    const found = ranked.top;
    if (itself) ranked.push(itself);
    return found;
  }

  #rankedFor(task: TaskSnapshot): Heap<Target> {
    const kind = `${task.cpus} ${task.memory} ${task.pack} ${task.cpuFeatures.join(' ')}`;
    let ranked = this.#ranked.get(kind);
    if (ranked) return ranked;
    const able = this.#free.flatMap((member, place) =>
      canTake(member, task)
        ? { member, place, rate: rate(member, member.usedProcessors + task.cpus) }
        : [],
    );
    this.#ranked.set(kind, (ranked = new Heap(isFaster, able)));
    return ranked;
  }
}

const isFaster = (a: Target, b: Target): boolean =>
  a.rate === b.rate ? a.place < b.place : a.rate > b.rate;

const canTake = (member: MemberSnapshot, task: TaskSnapshot): boolean =>
  member.processors - member.usedProcessors >= task.cpus &&
  member.freeMemory >= task.memory &&
  member.packs.includes(task.pack) &&
  missingFeatures(task.cpuFeatures, member.cpuFeatures).length === 0;
