import { epoch, taskIdOf } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { doubtersOf, mustAskOthers } from '../membership/quarantine.ts';
import { taskSpecOf } from '../attempts/task-spec-of.ts';
import type { Turn } from '../state/turn.ts';
import { indexesInOrder } from '../state/waiting-queue.ts';
import { FreeRooms } from './free-rooms.ts';
import { mayStart } from './queue-order.ts';

/** So many in one turn; the rest follows in the next one, so that a lab that fills up keeps nobody waiting. */
export const mostPlacedAtOnce = 100;

/**
 * Placement, in the order of the queue. A task that does not fit now does not block smaller ones behind it (backfill
 * without reservation).
 */
export function placeWaiting(turn: Turn): void {
  const { state } = turn;
  if (state.index.queue.size === 0) return;
  const rooms = new FreeRooms(state);
  if (rooms.slots <= 0) return;
  // Where programs ended at once lately: others are asked first.
  const shaky = [...state.transient.quickExits.keys()];
  let placed = 0;
  for (const waiting of [...state.index.queue.jobs()]) {
    const job = state.jobs.get(waiting.job);
    let more = job ? mayStart(state, job) : 0;
    if (!job || more <= 0) continue;
    const doubters = doubtersOf(state, job);
    const last = new Set([...doubters, ...shaky]);
    for (const index of indexesInOrder(waiting)) {
      const id = taskIdOf(job.id, index);
      const task = state.tasks.get(id);
      if (!task || task.heldFor !== null) continue;
      if ((state.transient.placeNotBefore.get(id) ?? 0) > turn.now) continue;
      const spot = rooms.best(job, task, last);
      // Whose word on this job is in doubt gets it only when there is nobody else to ask.
      const mustWait = spot && mustAskOthers(state, spot.member.id, doubters, job, task);
      if (!spot || mustWait) {
        // What is queued behind it goes nowhere that it could not go.
        if (task.state === 'queued' && !(job.spec.pin && task.home)) break;
        continue;
      }
      if (placed >= mostPlacedAtOnce) {
        turn.directives.push({ d: 'settle' });
        return;
      }
      rooms.take(spot, job);
      place(turn, job, task, spot.member);
      placed += 1;
      if (rooms.slots <= 0) return;
      more -= 1;
      if (more <= 0) break;
    }
  }
}

function place(turn: Turn, job: Job, task: Task, member: Member): void {
  const checkpoint = task.checkpoints[0] ?? null;
  const number = epoch(task.epoch + 1);
  turn.emit({
    e: 'task-placed',
    task: task.id,
    epoch: number,
    machine: member.id,
    from: checkpoint?.hash ?? null,
  });
  turn.send(member.id, {
    t: 'start',
    task: task.id,
    epoch: number,
    spec: taskSpecOf(job, task),
    checkpoint: checkpoint && {
      hash: checkpoint.hash,
      size: checkpoint.size,
      cpuSeconds: checkpoint.cpuSeconds,
    },
  });
}
