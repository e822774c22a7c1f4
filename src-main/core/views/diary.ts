import type { DiaryLine } from '../../../shared/api/views.ts';
import type { DiaryCode, DiaryEntry } from '../../../shared/domain/diary.ts';
import type { LabEvent } from '../state/events.ts';
import type { LabState } from '../state/state.ts';

type Line = DiaryEntry & Pick<DiaryLine, 'tone'>;

/** All others are plain. */
const tones: { readonly [Code in DiaryCode]?: Line['tone'] } = {
  'member-arrived': 'good',
  'member-suspected': 'bad',
  'member-returned': 'good',
  'member-lost': 'bad',
  'member-outdated': 'bad',
  'member-evacuated': 'good',
  'member-released': 'good',
  'member-left': 'good',
  'member-stayed': 'bad',
  'member-banned': 'bad',
  'member-came-back': 'bad',
  'task-started': 'good',
  'task-move-measured': 'good',
  'task-move-failed': 'bad',
  'task-checkpoint-dropped': 'bad',
  'task-attempt-lost': 'bad',
  'task-held': 'bad',
  'task-retried': 'bad',
  'task-failed': 'bad',
};

/** One line for people about an event, or nothing for what would only be noise. Read after the event was applied. */
export function diaryLine(state: LabState, event: LabEvent): Line | undefined {
  const entry = diaryEntry(state, event);
  return entry && { ...entry, tone: tones[entry.code] ?? 'plain' };
}

function diaryEntry(state: LabState, event: LabEvent): DiaryEntry | undefined {
  const name = (id: string): string => state.members.get(id as never)?.name ?? id;
  switch (event.e) {
    case 'night-opened':
    case 'night-ended':
      return { code: event.e, facts: { night: event.night } };
    case 'seats-given':
      return { code: event.e, facts: { pcs: event.seats.length } };
    case 'member-arrived':
    case 'member-suspected':
    case 'member-returned':
    case 'member-lost':
    case 'member-uncordoned':
    case 'member-evacuated':
    case 'member-released':
    case 'member-left':
    case 'member-stayed':
    case 'member-unbanned':
    case 'member-forgotten':
      return { code: event.e, facts: { pc: name(event.member) } };
    case 'member-outdated':
      return { code: event.e, facts: { pc: name(event.member), kind: event.kind } };
    case 'member-cordoned':
      return { code: event.e, facts: { pc: name(event.member), because: event.because } };
    case 'member-banned':
      return { code: event.e, facts: { pc: name(event.member), because: event.because } };
    case 'member-draining': {
      const { purpose, because } = event;
      return { code: event.e, facts: { pc: name(event.member), purpose, because } };
    }
    case 'member-came-back':
      return { code: event.e, facts: { pc: name(event.member), after: event.after } };
    case 'job-submitted': {
      const { array, owner, name: called } = event.job.spec;
      const tasks = array ? array.last - array.first + 1 : 1;
      return { code: event.e, facts: { job: event.job.id, name: called, owner, tasks } };
    }
    case 'job-removed':
      return { code: event.e, facts: { job: event.job, because: event.because } };
    case 'keep-for-set':
      return { code: event.e, facts: { keepFor: event.keepFor } };
    case 'job-held':
    case 'job-resumed':
    case 'job-cancelled':
      return { code: event.e, facts: { job: event.job } };
    case 'task-started': {
      if (!event.resumed) return undefined;
      // Read again after a restart, the task may be elsewhere or over by now.
      const attempt = state.tasks.get(event.task)?.attempt;
      const pc = attempt?.epoch === event.epoch ? name(attempt.machine) : null;
      return { code: event.e, facts: { task: event.task, pc } };
    }
    case 'task-move-begun': {
      const { task, because } = event;
      return { code: event.e, facts: { task, pc: name(event.to), because } };
    }
    case 'task-move-measured': {
      const { task, freezeMs, bytes } = event;
      return { code: event.e, facts: { task, pc: name(event.to), freezeMs, bytes } };
    }
    case 'task-move-failed':
      return {
        code: event.e,
        facts: { task: event.task, pc: name(event.to), because: event.reason },
      };
    case 'task-saved':
      return event.suspended
        ? { code: event.e, facts: { task: event.task, bytes: event.checkpoint.size } }
        : undefined;
    case 'task-attempt-lost': {
      const { task, lostMs, reason } = event;
      return lostMs > 0 ? { code: event.e, facts: { task, lostMs, because: reason } } : undefined;
    }
    case 'task-checkpoint-dropped':
    case 'task-held':
    case 'task-retried':
    case 'task-failed':
      return { code: event.e, facts: { task: event.task, because: event.reason } };
    case 'task-let-go':
      return { code: event.e, facts: { task: event.task } };
    case 'member-enrolled':
    case 'member-expected':
    case 'member-described':
    case 'job-archived':
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
