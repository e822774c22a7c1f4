import type { DiaryLine } from '../../../shared/api/views.ts';
import { formatDuration, formatSize } from '../../../shared/base/units.ts';
import type { LabEvent } from '../lab/events.ts';
import type { LabState } from '../lab/state.ts';
import { spanWords } from './departure-words.ts';

type Line = Pick<DiaryLine, 'text' | 'tone'>;

/** One line for people about an event, or nothing for what would only be noise. Read after the event was applied. */
export function diaryLine(state: LabState, event: LabEvent): Line | undefined {
  const pc = (id: string): string => state.members.get(id as never)?.name ?? id;
  const plain = (text: string): Line => ({ text, tone: 'plain' });
  const good = (text: string): Line => ({ text, tone: 'good' });
  const bad = (text: string): Line => ({ text, tone: 'bad' });
  switch (event.e) {
    case 'night-opened':
      return plain(`Night ${event.night} began.`);
    case 'seats-given':
      return plain(
        event.seats.length === 1
          ? `A PC was given another seat.`
          : `Seats of ${event.seats.length} PCs were changed.`,
      );
    case 'member-enrolled':
      return undefined;
    case 'member-arrived':
      return good(`${pc(event.member)} arrived.`);
    case 'member-suspected':
      return bad(`${pc(event.member)} has gone quiet.`);
    case 'member-returned':
      return good(`${pc(event.member)} is heard again.`);
    case 'member-lost':
      return bad(`${pc(event.member)} is lost.`);
    case 'member-cordoned':
      return plain(`${pc(event.member)} is cordoned: ${event.because}.`);
    case 'member-uncordoned':
      return plain(`${pc(event.member)} takes tasks again.`);
    case 'member-draining':
      return plain(
        `${pc(event.member)} is being ${event.purpose === 'release' ? 'released' : 'evacuated'}: ${event.because}.`,
      );
    case 'member-evacuated':
      return good(`${pc(event.member)} is empty and cordoned.`);
    case 'member-released':
      return good(`${pc(event.member)} is released.`);
    case 'member-left':
      return good(`${pc(event.member)} has left.`);
    case 'member-stayed':
      return bad(
        `${pc(event.member)} was given back but still runs the member system: switch it off by hand.`,
      );
    case 'member-expected':
    case 'member-described':
      return undefined;
    case 'member-banned':
      return bad(`${pc(event.member)} is banned${event.because ? `: ${event.because}` : ''}.`);
    case 'member-unbanned':
      return plain(`${pc(event.member)} may come in again.`);
    case 'member-forgotten':
      return plain(`${event.member} is forgotten.`);
    case 'member-came-back':
      return bad(
        `${pc(event.member)} came back ${spanWords(event.after)} after it was given back and is cordoned: take out its boot medium, or look at its boot order.`,
      );
    case 'job-submitted': {
      const { array, owner } = { ...event.job.spec };
      const count = array ? array.last - array.first + 1 : 1;
      return plain(
        `${owner} submitted job ${event.job.id} "${event.job.spec.name}" (${count} task${count === 1 ? '' : 's'}).`,
      );
    }
    case 'job-archived':
      return undefined;
    case 'job-removed':
      return plain(`Job ${event.job} is removed: ${event.because}.`);
    case 'keep-for-set':
      return plain(`Jobs that are over are kept for ${formatDuration(event.keepFor)} from now on.`);
    case 'job-held':
      return plain(`Job ${event.job} is held.`);
    case 'job-resumed':
      return plain(`Job ${event.job} goes on.`);
    case 'job-cancelled':
      return plain(`Job ${event.job} is cancelled.`);
    case 'task-started': {
      // Read again after a restart, the task may be elsewhere or over by now.
      const task = state.tasks.get(event.task);
      const machine = task?.attempt?.epoch === event.epoch ? task.attempt.machine : undefined;
      if (!event.resumed) return undefined;
      return good(`Task ${event.task} resumed${machine ? ` on ${pc(machine)}` : ''}.`);
    }
    case 'task-move-begun':
      return plain(`Task ${event.task} sets out for ${pc(event.to)}: ${event.because}.`);
    case 'task-move-measured':
      return good(
        `Task ${event.task} moved to ${pc(event.to)}: frozen for ${(event.freezeMs / 1000).toFixed(2)} s, ${formatSize(event.bytes)}.`,
      );
    case 'task-move-failed':
      return bad(
        `Task ${event.task} did not move to ${pc(event.to)} and goes on where it was: ${event.reason}.`,
      );
    case 'task-saved':
      return event.suspended
        ? plain(`Task ${event.task} is saved (${formatSize(event.checkpoint.size)}) and waits.`)
        : undefined;
    case 'task-checkpoint-dropped':
      return bad(
        `A checkpoint of task ${event.task} cannot be restored and is dropped: ${event.reason}.`,
      );
    case 'task-attempt-lost':
      return event.lostMs > 0
        ? bad(
            `Task ${event.task} lost ${Math.round(event.lostMs / 1000)} s of work: ${event.reason}.`,
          )
        : undefined;
    case 'task-held':
      return bad(`Task ${event.task} is held: ${event.reason}.`);
    case 'task-let-go':
      return plain(`Task ${event.task} may go on.`);
    case 'task-retried':
      return bad(`Task ${event.task} is tried again: ${event.reason}.`);
    case 'task-failed':
      return bad(`Task ${event.task} failed: ${event.reason}.`);
    case 'job-queue-cancelled':
    case 'task-done':
    case 'task-placed':
    case 'task-moved':
    case 'task-stopping':
    case 'task-recalled':
    case 'task-blamed':
    case 'task-cleared':
    case 'task-cancelled':
      return undefined;
    default:
      return event satisfies never;
  }
}
