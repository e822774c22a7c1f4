import { bytes, monotonicMillis } from '../../../shared/base/units.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { beginMove } from '../attempts/moves.ts';
import { usageOf } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { freeRoom, isOpen, misfit, reservedMemory, taskMisfit } from '../state/fit.ts';
import { Speeds } from './speeds.ts';
import type { LoadSnapshot, TaskSnapshot } from './load-snapshot.ts';
import { planMoves, type Move } from './plan-moves.ts';

/** After a balancing move a task stays where it is for this many heartbeats. */
const restHeartbeats = 20;

/** Plans on a snapshot and begins the moves. Nothing moves while tasks wait: free slots are theirs. */
export function balance(turn: Turn): void {
  if (turn.state.transient.moves.size > 0) return;
  const snapshot = snapshotOf(turn);
  if (!snapshot) return;
  for (const move of planMoves(snapshot).moves) carryOut(turn, move);
}

/** Begins a planned move unless the plan is stale: the task or the PCs are no longer as they were when it was made. */
export function carryOut(turn: Turn, move: Move): void {
  const { state } = turn;
  const task = state.tasks.get(move.task);
  const job = task && state.jobs.get(task.job);
  const target = state.members.get(move.to);
  if (!task || !job || !target || !mayBeMoved(turn, job, task)) return;
  if (task.epoch !== move.epoch || task.attempt?.machine !== move.from) return;
  const room = freeRoom(state, target);
  const fits =
    room.cpus >= job.spec.resources.cpus &&
    room.memory >= reservedMemory(job.spec) &&
    !misfit(job.spec, target) &&
    !taskMisfit(job, task, target);
  if (!isOpen(state, target) || !fits) return;
  beginMove(turn, job, task, target, move.because);
  state.transient.moveNotBefore.set(
    task.id,
    monotonicMillis(turn.now + restHeartbeats * turn.timings.heartbeat),
  );
}

/** Whether balancing may move the task right now, wherever to. */
function mayBeMoved({ state, now }: Turn, job: Job, task: Task): boolean {
  if (task.attempt?.phase !== 'running' || task.attempt.move) return false;
  if (job.spec.pin || job.held || task.heldFor !== null) return false;
  if (state.transient.saving.has(task.id)) return false;
  return (state.transient.moveNotBefore.get(task.id) ?? 0) <= now;
}

/** The lab as the planner sees it; nothing when there is nothing to plan. */
export function snapshotOf(turn: Turn): LoadSnapshot | undefined {
  const { state } = turn;
  const open = [...state.members.values()].filter((member) => isOpen(state, member));
  if (open.length < 2 || state.index.active.size === 0) return undefined;
  const speeds = new Speeds(state);
  const rooms = new Map(open.map((member) => [member.id, freeRoom(state, member)]));
  if (![...rooms.values()].some((room) => room.cpus > 0)) return undefined;
  const tasks: TaskSnapshot[] = [];
  for (const id of state.index.active) {
    const task = state.tasks.get(id);
    const job = task && state.jobs.get(task.job);
    if (!task?.attempt || !job || !mayBeMoved(turn, job, task)) continue;
    if (!rooms.has(task.attempt.machine)) continue;
    const usage = usageOf(state, task);
    tasks.push({
      id,
      epoch: task.epoch,
      on: task.attempt.machine,
      cpus: job.spec.resources.cpus,
      memory: reservedMemory(job.spec),
      resident: usage.memory,
      cpuSeconds: usage.cpuSeconds,
      pack: job.spec.pack,
      cpuFeatures: task.checkpoints[0]?.cpuFeatures ?? none,
    });
  }
  if (tasks.length === 0) return undefined;
  return {
    members: open.map((member) => ({
      id: member.id,
      speed: speeds.of(member),
      processors: member.facts.processors,
      usedProcessors: member.facts.processors - (rooms.get(member.id)?.cpus ?? 0),
      freeMemory: rooms.get(member.id)?.memory ?? bytes(0),
      packs: member.facts.packs,
      cpuFeatures: member.facts.cpuFeatures,
    })),
    tasks,
  };
}

const none: readonly string[] = [];
