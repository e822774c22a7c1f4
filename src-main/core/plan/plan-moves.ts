import type { Reason, UsedSlots } from '../../../shared/domain/reasons.ts';
import type { Epoch, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import { Heap } from './heap.ts';
import { rate } from './rate.ts';
import { Targets } from './targets.ts';
import type { LoadSnapshot, MemberSnapshot, TaskSnapshot } from './load-snapshot.ts';

/** What should be moved, the best first. */
export interface Plan {
  readonly moves: readonly Move[];
}

export interface Move {
  readonly task: TaskId;
  readonly epoch: Epoch;
  readonly from: MemberId;
  readonly to: MemberId;
  readonly because: Reason;
  /** Seconds by which the task is expected to end sooner, before the cost. */
  readonly gains: number;
  /** Seconds for which the task does not run. */
  readonly costs: number;
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
 * Moves from crowded to idle and from slow to fast. A task is expected to go on for as long as it has run (the longer
 * it has run, the longer it will: Harchol-Balter and Downey 1997), so a move pays when that remaining time shrinks by more than
 * `payback` times what the move costs. Of one plan a PC takes part in one move only: its cost is reckoned with the whole
 * link, and what the next would gain shows when this one is done. Deterministic; once all is even it plans nothing.
 *
 * The best move is found without trying every task on every PC: each task is weighed once against the fastest PC there is,
 * which it can do no better than, and again, against its own best target, only when it is on top of the rest. The time
 * grows with the number of PCs and tasks, not with their product.
 */
export function planMoves(snapshot: LoadSnapshot, policy: BalancePolicy = defaultPolicy): Plan {
  const targets = new Targets(snapshot.members);
  const members = new Map(snapshot.members.map((member) => [member.id, member]));
  const hopeful: Candidate[] = [];
  for (const [place, task] of snapshot.tasks.entries()) {
    const here = members.get(task.on);
    if (!here) continue;
    const worth = net(weigh(task, here, targets.fastest, policy), policy);
    if (worth > 0) hopeful.push({ task, here, place, worth });
  }
  const candidates = new Heap(isWorthMore, hopeful);
  const moves: Move[] = [];
  for (let best = candidates.top; best && moves.length < policy.most; best = candidates.top) {
    const { task, here } = best;
    const target = targets.isTaken(here) ? undefined : targets.bestFor(task);
    const weight = target && weigh(task, here, target.rate, policy);
    const worth = weight ? net(weight, policy) : 0;
    if (!target || !weight || worth <= 0) candidates.pop();
    else if (worth < best.worth) {
      best.worth = worth;
      candidates.topIsWorse();
    } else {
      const there = target.member;
      moves.push({
        ...{ task: task.id, epoch: task.epoch, from: here.id, to: there.id },
        ...{ because: reason(here, there), ...weight },
      });
      targets.take(here);
      targets.take(there);
      candidates.pop();
    }
  }
  return { moves };
}

interface Candidate {
  readonly task: TaskSnapshot;
  readonly here: MemberSnapshot;
  /** In the snapshot, which decides among equals. */
  readonly place: number;
  /** What its best move is worth, or more. */
  worth: number;
}

const isWorthMore = (a: Candidate, b: Candidate): boolean =>
  a.worth === b.worth ? a.place < b.place : a.worth > b.worth;

type Weight = Pick<Move, 'gains' | 'costs'>;

function weigh(
  task: TaskSnapshot,
  here: MemberSnapshot,
  fast: number,
  policy: BalancePolicy,
): Weight {
  const slow = rate(here, here.usedProcessors);
  const costs = policy.moveSeconds + task.resident / policy.bandwidth;
  // Speeds are calibrated to about a tenth: a smaller difference is noise, and chasing it is ping-pong.
  return { gains: fast < slow * 1.1 ? 0 : task.cpuSeconds * (1 - slow / fast), costs };
}

const net = ({ gains, costs }: Weight, { payback }: BalancePolicy): number =>
  gains - payback * costs;

function reason(here: MemberSnapshot, there: MemberSnapshot): Reason {
  if (there.speed > here.speed * 1.1) return { code: 'faster-and-free', facts: { pc: there.id } };
  return { code: 'crowded', facts: { from: slotsOf(here), to: slotsOf(there) } };
}

const slotsOf = ({ id, usedProcessors, processors }: MemberSnapshot): UsedSlots => ({
  ...{ pc: id, used: usedProcessors, slots: processors },
});
