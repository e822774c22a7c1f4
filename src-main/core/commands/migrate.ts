import { byHand } from '../../../shared/domain/reasons.ts';
import { ok, type Result, type ToldRefusal } from '../../../shared/base/result.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import type { TaskId } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { toldRefusal } from '../../../shared/words/refusal-words.ts';
import { freeRoom, isOpen, misfit, reservedMemory, taskMisfit } from '../state/fit.ts';
import { isLinked, type LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { findMembers } from '../membership/find-members.ts';
import { isPresent } from '../membership/leases.ts';
import { beginMove } from '../attempts/moves.ts';
import { findTask } from '../state/find-job.ts';

/** Task and machine by id or by name. */
export function migrateTask(
  turn: Turn,
  taskText: string,
  machine: string,
): Result<{ task: TaskId; from: string; to: string }> {
  const { state } = turn;
  const found = findTask(state, taskText);
  if (!found.ok) return found;
  const task = found.value;
  const target = findMembers(state, [machine]);
  if (!target.ok) return target;
  const [to] = target.value;
  if (!to) return refuseFor('not-found', 'no-such-machine', { named: machine });
  const may = mayMove(state, task, to);
  if (!may.ok) return may;
  const from = may.value;
  const job = state.jobs.get(task.job);
  // Where it is wanted it is: nothing to do, and nothing went wrong.
  if (from !== to && job) beginMove(turn, job, task, to, byHand);
  return ok({ task: task.id, from: from.name, to: to.name });
}

export interface MoveTarget {
  readonly machine: string;
  readonly cpu: number;
  /** Processors that no task has; less than none where a person has crowded it. */
  readonly free: number;
  /** Why not; null where it may. */
  readonly refusal: ToldRefusal | null;
}

/** Every PC of the lab but its own, and whether the task may go there: what `migrateTask` would say, by the same rule. */
export function moveTargets(state: LabState, taskText: string): Result<MoveTarget[]> {
  const found = findTask(state, taskText);
  if (!found.ok) return found;
  const task = found.value;
  const others = [...state.members.values()].filter(
    (member) => isPresent(member) && member.id !== task.attempt?.machine,
  );
  return ok(
    others.map((member) => {
      const may = mayMove(state, task, member);
      return {
        machine: member.name,
        cpu: member.facts.processors,
        free: freeRoom(state, member).cpus,
        refusal: may.ok ? null : toldRefusal(may.error),
      };
    }),
  );
}

/** The one rule for moves by hand, whoever asks. Where it may it answers with the PC that has the task. */
export function mayMove(state: LabState, task: Task, to: Member): Result<Member> {
  const job = state.jobs.get(task.job);
  const { attempt } = task;
  const from = attempt ? state.members.get(attempt.machine) : undefined;
  if (!job || !attempt)
    return refuseFor('refused', 'task-is-not-running', { task: task.id, state: task.state });
  if (attempt.move) {
    const { to: target } = attempt.move;
    return refuseFor('refused', 'task-is-moving', {
      task: task.id,
      to: state.members.get(target)?.name ?? target,
    });
  }
  if (from === to) return ok(to);
  if (attempt.phase !== 'running')
    return refuseFor('refused', 'task-is-between', { task: task.id, phase: attempt.phase });
  if (!isLinked(state, from) || from.state === 'suspect')
    return refuseFor('refused', 'machine-does-not-answer', {
      machine: from?.name ?? attempt.machine,
    });
  if (job.spec.pin) return refuseFor('refused', 'task-is-pinned', { task: task.id });
  if (!isOpen(state, to))
    return refuseFor('refused', 'machine-takes-no-tasks', {
      machine: to.name,
      state: to.cordoned ? 'cordoned' : to.state,
    });
  const why = misfit(job.spec, to) ?? taskMisfit(job, task, to);
  if (why)
    return refuseFor('refused', 'task-does-not-fit', {
      task: task.id,
      machine: to.name,
      misfit: why,
    });
  const room = freeRoom(state, to);
  // By hand a PC may be crowded up to twice over, as on openMosix: the balancer spreads it out again when it pays.
  if (room.cpus + to.facts.processors < job.spec.resources.cpus)
    return refuseFor('refused', 'machine-is-crowded', {
      machine: to.name,
      processors: to.facts.processors,
      wanted: to.facts.processors - room.cpus,
    });
  if (room.memory < reservedMemory(job.spec))
    return refuseFor('refused', 'machine-has-no-memory', { machine: to.name, task: task.id });
  if (state.transient.saving.get(task.id)?.then === 'suspend')
    return refuseFor('refused', 'task-is-between', { task: task.id, phase: 'saving' });
  return ok(from);
}
