import type { Reason, UsedSlots } from '../../../shared/domain/reasons.ts';
import type { MemberId, TaskId } from '../../../shared/domain/ids.ts';

/** What the planner sees of a lab; a value, so that a plan can be made, shown and tested without one. */
export interface LoadSnapshot {
  readonly members: readonly MemberSnapshot[];
  readonly tasks: readonly TaskSnapshot[];
}

export interface MemberSnapshot {
  readonly id: MemberId;
  readonly speed: number;
  readonly processors: number;
  readonly usedProcessors: number;
  readonly freeMemory: number;
}

export interface TaskSnapshot {
  readonly id: TaskId;
  readonly on: MemberId;
  readonly cpus: number;
  /** Reserved, bytes. */
  readonly memory: number;
  /** Resident, bytes: what a move has to carry. */
  readonly resident: number;
  readonly cpuSeconds: number;
  /** Members that could take it, apart from room. */
  readonly mayGoTo: (member: MemberId) => boolean;
}

export interface Move {
  readonly task: TaskId;
  readonly from: MemberId;
  readonly to: MemberId;
  readonly because: Reason;
}

export interface BalancePolicy {
  /** Bytes a second from member to member. */
  readonly bandwidth: number;
  /** Fixed cost of a move, seconds of not running. */
  readonly moveSeconds: number;
  /** A move must gain this many times its cost. */
  readonly payback: number;
  /** Moves in one plan. */
  readonly most: number;
}

/** One gigabit link at 80 %, half a second for freezing and restoring, and no move that does not pay twice. */
export const defaultPolicy: BalancePolicy = {
  bandwidth: 100e6,
  moveSeconds: 0.5,
  payback: 2,
  most: 2,
};

/**
 * What a second neighbour costs: processors of one PC share memory bandwidth, cache and, with SMT, the core itself. A
 * PC with all its slots taken gives each task this share less than one with a single task.
 */
const contention = 0.2;

/** Work a task gets done per second on a member where `used` of its processors are taken, itself included. */
export function rate(member: Pick<MemberSnapshot, 'speed' | 'processors'>, used: number): number {
  const share = Math.min(1, member.processors / Math.max(1, used));
  const crowding =
    member.processors > 1 ? contention * Math.min(1, (used - 1) / (member.processors - 1)) : 0;
  return (member.speed / 1000) * share * (1 - crowding);
}

/**
 * Moves from crowded to idle and from slow to fast. A task is expected to go on for as long as it has run (the longer
 * it has run, the longer it will: Harchol-Balter and Downey 1997), so a move pays when that remaining time shrinks by more than
 * `payback` times what the move costs. Deterministic; planned again after the moves were made, it plans nothing.
 */
export function planMoves(
  snapshot: LoadSnapshot,
  policy: BalancePolicy = defaultPolicy,
): readonly Move[] {
  const members = new Map(snapshot.members.map((member) => [member.id, { ...member }]));
  const moves: Move[] = [];
  const moved = new Set<TaskId>();
  while (moves.length < policy.most) {
    let best: { move: Move; gain: number; task: TaskSnapshot } | undefined;
    const ranked = new Map<number, readonly MemberSnapshot[]>();
    for (const task of snapshot.tasks) {
      const here = members.get(task.on);
      if (!here || moved.has(task.id)) continue;
      let targets = ranked.get(task.cpus);
      if (!targets) ranked.set(task.cpus, (targets = fastestFirst(members.values(), task.cpus)));
      // What a move costs does not depend on its target, so the fastest that can take it is the best.
      const there = targets.find(
        (target) =>
          target.id !== here.id && target.freeMemory >= task.memory && task.mayGoTo(target.id),
      );
      const gain = there ? secondsGained(task, here, there, policy) : 0;
      if (!there || gain <= 0 || (best && gain <= best.gain)) continue;
      best = {
        move: { task: task.id, from: here.id, to: there.id, because: reason(here, there) },
        gain,
        task,
      };
    }
    if (!best) return moves;
    const { move, task } = best;
    const from = members.get(move.from);
    const to = members.get(move.to);
    if (from) from.usedProcessors -= task.cpus;
    if (to) {
      to.usedProcessors += task.cpus;
      to.freeMemory -= task.memory;
    }
    moves.push(move);
    moved.add(task.id);
  }
  return moves;
}

/** Members with so many processors free, by what one more task of that size would get there. */
function fastestFirst(members: Iterable<MemberSnapshot>, cpus: number): readonly MemberSnapshot[] {
  return [...members]
    .filter((member) => member.processors - member.usedProcessors >= cpus)
    .map((member) => ({ member, gets: rate(member, member.usedProcessors + cpus) }))
    .sort((a, b) => b.gets - a.gets)
    .map(({ member }) => member);
}

/** Seconds by which the task ends sooner, less `payback` times the cost; positive means it pays. */
function secondsGained(
  task: TaskSnapshot,
  here: MemberSnapshot,
  there: MemberSnapshot,
  policy: BalancePolicy,
): number {
  const slow = rate(here, here.usedProcessors);
  const fast = rate(there, there.usedProcessors + task.cpus);
  // Speeds are calibrated to about a tenth: a smaller difference is noise, and chasing it is ping-pong.
  if (fast < slow * 1.1) return 0;
  const remaining = task.cpuSeconds;
  const cost = policy.moveSeconds + task.resident / policy.bandwidth;
  return remaining * (1 - slow / fast) - policy.payback * cost;
}

function reason(here: MemberSnapshot, there: MemberSnapshot): Reason {
  if (there.speed > here.speed * 1.1) return { code: 'faster-and-free', facts: { pc: there.id } };
  return { code: 'crowded', facts: { from: slotsOf(here), to: slotsOf(there) } };
}

const slotsOf = ({ id, usedProcessors, processors }: MemberSnapshot): UsedSlots => ({
  ...{ pc: id, used: usedProcessors, slots: processors },
});
