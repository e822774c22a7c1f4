import { reasonWords } from '../../../shared/words/reason-words.ts';
import type { TaskView } from '../../../shared/api/views.ts';
import type { EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import { usageOf, type LabState } from '../state/state.ts';

/** Files told with a task; a page looks at it again and again, and a task may have left a hundred thousand. */
const mostOutputs = 200;

/** `waitingBecause`: see `waitingReasons`. */
export function taskView(
  state: LabState,
  job: Job,
  task: Task,
  now: EpochMillis,
  waitingBecause: string | null,
): TaskView {
  const name = (id: MemberId): string => state.members.get(id)?.name ?? id;
  const usage = usageOf(state, task);
  return {
    id: task.id,
    index: task.index,
    state: task.state,
    phase: phase(state, job, task, name),
    machine: task.attempt ? name(task.attempt.machine) : null,
    attempt: task.attempt?.epoch ?? task.epoch,
    exitCode: task.exitCode,
    cpuSeconds: Math.round(usage.cpuSeconds * 100) / 100,
    ranMs: task.ranMs + (task.runningSince === null ? 0 : Math.max(0, now - task.runningSince)),
    lastMachine: task.lastMachine ? name(task.lastMachine) : null,
    memory: usage.memory,
    waitingBecause,
    reason: whyOf(state, task),
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    savedAt: task.checkpoints[0]?.takenAt ?? null,
    restartsFromZero: task.restartsFromZero,
    outputs: task.outputs.slice(0, mostOutputs),
    ...(task.outputs.length > mostOutputs && { outputsInAll: task.outputs.length }),
    migrations: task.migrations.map((migration) => ({
      ...migration,
      because: reasonWords(migration.because),
      from: name(migration.from),
      to: name(migration.to),
    })),
  };
}

function whyOf(state: LabState, task: Task): string | null {
  const refused = state.transient.resultsWait.get(task.id);
  if (refused !== undefined)
    // Its PC does try again, by itself.
    return `it has ended and its results wait on its PC: ${refused.replace(/(, then try again)?\.?\s*$/, '')}`;
  const fault = state.transient.saveFault.get(task.id);
  if (fault !== undefined && task.state === 'running')
    return `${fault}; if its PC goes, it ${task.checkpoints.length > 0 ? 'goes on from what was saved before' : 'begins again'}`;
  return task.state === 'failed' || task.state === 'running'
    ? task.reason && reasonWords(task.reason)
    : null;
}

function phase(state: LabState, job: Job, task: Task, name: (id: MemberId) => string): string {
  const { attempt } = task;
  if (!attempt)
    return (job.held || task.heldFor !== null) &&
      (task.state === 'queued' || task.state === 'suspended')
      ? 'held'
      : task.state;
  if (attempt.move) return `moving to ${name(attempt.move.to)}`;
  if (attempt.phase === 'stopping') return 'stopping';
  if (attempt.phase === 'recalled') return 'being taken back';
  if (state.members.get(attempt.machine)?.state === 'suspect') return 'frozen with its machine';
  if (attempt.phase === 'starting') return attempt.from ? 'resuming' : 'starting';
  if (state.transient.resultsWait.has(task.id)) return 'waiting to store its results';
  const saving = state.transient.saving.get(task.id);
  if (saving) return saving.then === 'suspend' ? 'suspending' : 'saving';
  return 'running';
}
