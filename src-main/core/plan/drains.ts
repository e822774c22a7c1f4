import type { Reason } from '../../../shared/domain/reasons.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { Member, ReleaseMoment } from '../../../shared/domain/member.ts';
import { FreeRooms, type Spot } from './free-rooms.ts';
import { unsavedMs } from '../attempts/losses.ts';
import { beginMove } from '../attempts/moves.ts';
import { recallAttempt } from '../attempts/recall.ts';
import { askToSave, savesOn, savesPerMember } from '../attempts/saves.ts';
import type { Turn } from '../state/turn.ts';

export function beginDrain(
  turn: Turn,
  member: Member,
  purpose: 'evacuate' | 'release',
  moment: ReleaseMoment,
  because: Reason,
): void {
  const same = member.drain?.purpose === purpose && member.drain.moment === moment;
  if (!same) turn.emit({ e: 'member-draining', member: member.id, purpose, moment, because });
}

/** Milliseconds of work that would be lost if the member left at this moment. */
export function lossOf(turn: Turn, member: Member, moment: ReleaseMoment): number {
  if (moment !== 'now') return 0;
  let lost = 0;
  for (const task of tasksOn(turn, member))
    if (task.attempt?.machine === member.id) lost += unsavedMs(turn, task);
  return lost;
}

function tasksOn(turn: Turn, member: Member): Task[] {
  return [...(turn.state.index.on.get(member.id) ?? [])].flatMap(
    (id) => turn.state.tasks.get(id) ?? [],
  );
}

/** Moves at the same time from one draining member: each has the whole link to itself, so the next can leave sooner. */
const movesPerSource = 1;

/**
 * Empties draining members: a task goes straight to another PC that has room, else to the head's disk. What has not
 * begun to run is taken back and waits again. The member is done when nothing is on it, may still run there or is on
 * its way to it.
 */
export function progressDrains(turn: Turn): void {
  // Those that are being emptied take nothing themselves, so all look for room among the same others.
  let known: FreeRooms | undefined;
  const rooms = (): FreeRooms => (known ??= new FreeRooms(turn.state));
  for (const member of turn.state.members.values()) {
    if (member.state !== 'draining' || !member.drain) continue;
    const { moment, purpose } = member.drain;
    let leaving = 0;
    for (const task of tasksOn(turn, member))
      if (task.attempt?.move && task.attempt.machine === member.id) leaving += 1;
    for (const task of tasksOn(turn, member)) {
      const job = turn.state.jobs.get(task.job);
      if (!task.attempt || !job || task.attempt.machine !== member.id) continue;
      if (moment === 'now')
        recallAttempt(turn, task, { code: 'released-at-once', facts: { pc: member.name } });
      else if (task.attempt.phase === 'starting')
        recallAttempt(turn, task, { code: 'pc-is-emptied', facts: { pc: member.name } });
      else if (task.attempt.phase === 'running' && moment === 'checkpoint') {
        if (leaving < movesPerSource && moveAway(turn, rooms(), job, task, member)) leaving += 1;
        else if (
          task.attempt.move === null &&
          !spotElsewhere(turn, rooms(), job, task) &&
          savesOn(turn, member) < savesPerMember
        )
          askToSave(turn, task, 'suspend');
      }
    }
    if ((turn.state.index.on.get(member.id)?.size ?? 0) > 0) continue;
    if (purpose === 'evacuate') turn.emit({ e: 'member-evacuated', member: member.id });
    else {
      const { byDay } = member.drain;
      turn.emit({ e: 'member-released', member: member.id });
      turn.send(member.id, byDay === true ? { t: 'go', byDay } : { t: 'go' });
    }
  }
}

/** Where it could go right now. */
function spotElsewhere(turn: Turn, rooms: FreeRooms, job: Job, task: Task): Spot | undefined {
  const retryLater = (turn.state.transient.moveNotBefore.get(task.id) ?? 0) > turn.now;
  return job.spec.pin || job.held || retryLater ? undefined : rooms.best(job, task);
}

function moveAway(turn: Turn, rooms: FreeRooms, job: Job, task: Task, member: Member): boolean {
  if (turn.state.transient.saving.has(task.id)) return false;
  const spot = spotElsewhere(turn, rooms, job, task);
  if (!spot) return false;
  rooms.take(spot, job);
  const purpose = member.drain?.purpose ?? 'evacuate';
  beginMove(turn, job, task, spot.member, {
    code: 'pc-leaves',
    facts: { pc: member.name, purpose },
  });
  return true;
}
