import type { TaskView } from '../../../shared/api/views.ts';
import type { EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Job, Task } from '../../../shared/domain/job.ts';
import type { TaskReason } from '../../../shared/domain/task-reason.ts';
import { usageOf, type LabState } from '../state/state.ts';
import type { WhyItWaits } from './waiting-because.ts';

/** Files told with a task; a page looks at it again and again, and a task may have left a hundred thousand. */
const mostOutputs = 200;

/** `whyItWaits`: see `waitingReasons`. */
export function taskView(
  state: LabState,
  job: Job,
  task: Task,
  now: EpochMillis,
  whyItWaits: WhyItWaits,
): TaskView {
  const name = (id: MemberId): string => state.members.get(id)?.name ?? id;
  const usage = usageOf(state, task);
  return {
    id: task.id,
    index: task.index,
    state: task.state,
    phase: phase(state, job, task),
    movingTo: task.attempt?.move ? name(task.attempt.move.to) : null,
    machine: task.attempt ? name(task.attempt.machine) : null,
    attempt: task.attempt?.epoch ?? task.epoch,
    exitCode: task.exitCode,
    cpuSeconds: Math.round(usage.cpuSeconds * 100) / 100,
    ranMs: task.ranMs + (task.runningSince === null ? 0 : Math.max(0, now - task.runningSince)),
    lastMachine: task.lastMachine ? name(task.lastMachine) : null,
    memory: usage.memory,
    ...whyItWaits,
    reason: whyOf(state, task),
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    savedAt: task.checkpoints[0]?.takenAt ?? null,
    restartsFromZero: task.restartsFromZero,
    outputs: task.outputs.slice(0, mostOutputs),
    ...(task.outputs.length > mostOutputs && { outputsInAll: task.outputs.length }),
    migrations: task.migrations.map((migration) => ({
      ...migration,
      from: name(migration.from),
      to: name(migration.to),
    })),
  };
}

function whyOf(state: LabState, task: Task): TaskReason | null {
  const waits = state.transient.resultsWait.get(task.id);
  if (waits !== undefined) return { code: 'results-wait', facts: { because: waits } };
  const fault = state.transient.saveFault.get(task.id);
  if (fault !== undefined && task.state === 'running')
    return {
      code: 'not-saved',
      facts: { because: fault, saved: task.checkpoints.length > 0 },
    };
  if (task.state === 'failed' || task.state === 'running') return task.reason;
  const isWaiting = task.state === 'queued' || task.state === 'suspended';
  return isWaiting && task.epoch > 0 ? task.reason : null;
}

function phase(state: LabState, job: Job, task: Task): TaskView['phase'] {
  const { attempt } = task;
  if (!attempt)
    return (job.held || task.heldFor !== null) &&
      (task.state === 'queued' || task.state === 'suspended')
      ? 'held'
      : task.state;
  if (attempt.move) return 'moving';
  if (attempt.phase === 'stopping' || attempt.phase === 'recalled') return attempt.phase;
  if (state.members.get(attempt.machine)?.state === 'suspect') return 'frozen';
  if (attempt.phase === 'starting') return attempt.from ? 'resuming' : 'starting';
  if (state.transient.resultsWait.has(task.id)) return 'storing';
  const saving = state.transient.saving.get(task.id);
  if (saving) return saving.then === 'suspend' ? 'suspending' : 'saving';
  return 'running';
}
