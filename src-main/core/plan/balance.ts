import { monotonicMillis } from '../../../shared/base/units.ts';
import { beginMove } from '../attempts/moves.ts';
import { usageOf } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { freeRoom, isOpen, misfit, reservedMemory, taskMisfit } from '../state/fit.ts';
import { Speeds } from './speeds.ts';
import { planMoves, type LoadSnapshot } from './plan-moves.ts';

/** After a balancing move a task stays where it is for this many heartbeats. */
const restHeartbeats = 20;

/** Plans on a snapshot and begins the moves. Nothing moves while tasks wait: free slots are theirs. */
export function balance(turn: Turn): void {
  const { state } = turn;
  if (state.transient.moves.size > 0) return;
  const snapshot = snapshotOf(turn);
  if (!snapshot) return;
  for (const move of planMoves(snapshot)) {
    const task = state.tasks.get(move.task);
    const job = task && state.jobs.get(task.job);
    const target = state.members.get(move.to);
    if (!task || !job || !target) continue;
    beginMove(turn, job, task, target, move.because);
    state.transient.moveNotBefore.set(
      task.id,
      monotonicMillis(turn.now + restHeartbeats * turn.timings.heartbeat),
    );
  }
}

function snapshotOf(turn: Turn): LoadSnapshot | undefined {
  const { state } = turn;
  const open = [...state.members.values()].filter((member) => isOpen(state, member));
  if (open.length < 2 || state.index.active.size === 0) return undefined;
  const speeds = new Speeds(state);
  const rooms = new Map(open.map((member) => [member.id, freeRoom(state, member)]));
  if (![...rooms.values()].some((room) => room.cpus > 0)) return undefined;
  const tasks: LoadSnapshot['tasks'][number][] = [];
  for (const id of state.index.active) {
    const task = state.tasks.get(id);
    const job = task && state.jobs.get(task.job);
    if (
      task?.attempt?.phase !== 'running' ||
      !job ||
      job.spec.pin ||
      job.held ||
      !rooms.has(task.attempt.machine)
    )
      continue;
    if (state.transient.saving.has(id) || (state.transient.moveNotBefore.get(id) ?? 0) > turn.now)
      continue;
    const usage = usageOf(state, task);
    tasks.push({
      id,
      on: task.attempt.machine,
      cpus: job.spec.resources.cpus,
      memory: reservedMemory(job.spec),
      resident: usage.memory,
      cpuSeconds: usage.cpuSeconds,
      mayGoTo: (target) => {
        const member = state.members.get(target);
        return member !== undefined && !misfit(job.spec, member) && !taskMisfit(job, task, member);
      },
    });
  }
  if (tasks.length === 0) return undefined;
  return {
    members: open.map((member) => ({
      id: member.id,
      speed: speeds.of(member),
      processors: member.facts.processors,
      usedProcessors: member.facts.processors - (rooms.get(member.id)?.cpus ?? 0),
      freeMemory: rooms.get(member.id)?.memory ?? 0,
    })),
    tasks,
  };
}
