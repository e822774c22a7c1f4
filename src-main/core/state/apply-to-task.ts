import type { Reason } from '../../../shared/domain/reasons.ts';
import { assertNever } from '../../../shared/base/assert-never.ts';
import type { EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { LabEvent } from './events.ts';
import { reindexTask } from './reindex.ts';
import { machinesOf, type LabState } from './state.ts';
import type { Touched } from './touched.ts';

/** The newest of a night that went badly; what they come to is counted in full. */
const lossesNamed = 500;

type TaskEvent = Extract<LabEvent, { readonly task: TaskId }>;

/** What an event changes of its task, and of what the night amounts to. */
export function applyToTask(
  state: LabState,
  event: TaskEvent,
  at: EpochMillis,
  touched: Touched,
): void {
  const task = state.tasks.record(event.task);
  if (!task) return;
  touched.tasks.add(task.id);
  touched.jobs.add(task.job);
  const before = { state: task.state, machines: machinesOf(task) };
  changeTask(state, task, event, at);
  reindexTask(state, task, before);
}

function changeTask(state: LabState, task: Task, event: TaskEvent, at: EpochMillis): void {
  changeState(state, task, event, at);
  countRunning(task, at);
}

/** Keeps the time it ran: from the start of an attempt to its end, whatever ends it. */
function countRunning(task: Task, at: EpochMillis): void {
  if (task.attempt) task.lastMachine = task.attempt.machine;
  // What is taken back may run until its member has answered, if it ran.
  if (task.attempt?.phase === 'recalled') return;
  const runs = task.attempt !== null && task.attempt.phase !== 'starting';
  if (runs) task.runningSince ??= at;
  else if (task.runningSince !== null) {
    task.ranMs += Math.max(0, at - task.runningSince);
    task.runningSince = null;
  }
}

function changeState(state: LabState, task: Task, event: TaskEvent, at: EpochMillis): void {
  switch (event.e) {
    case 'task-placed':
      task.epoch = event.epoch;
      task.state = 'running';
      task.home = event.machine;
      task.attempt = {
        epoch: event.epoch,
        machine: event.machine,
        placedAt: at,
        phase: 'starting',
        move: null,
        from: event.from,
      };
      return;
    case 'task-started':
      if (task.attempt) task.attempt.phase = 'running';
      task.startedAt ??= at;
      return;
    case 'task-move-begun':
      if (!task.attempt) return;
      task.epoch = event.toEpoch;
      task.attempt.phase = 'leaving';
      task.attempt.move = { to: event.to, toEpoch: event.toEpoch, because: event.because, at };
      return;
    case 'task-moved': {
      const move = task.attempt?.move;
      if (!task.attempt || !move) return;
      task.broke = [];
      task.migrations.push({
        from: task.attempt.machine,
        to: move.to,
        at: move.at,
        because: move.because,
        arrivedAt: at,
        bytes: 0,
        freezeMs: 0,
        totalMs: 0,
      });
      task.attempt = {
        epoch: event.toEpoch,
        machine: move.to,
        placedAt: at,
        phase: 'running',
        move: null,
        from: task.attempt.from,
      };
      return;
    }
    case 'task-move-measured': {
      const migration = task.migrations.findLast((candidate) => candidate.to === event.to);
      if (!migration) return;
      migration.bytes = event.bytes;
      migration.freezeMs = event.freezeMs;
      migration.totalMs = event.totalMs;
      return;
    }
    case 'task-move-failed':
      if (!task.attempt) return;
      task.attempt.phase = 'running';
      task.attempt.move = null;
      task.reason = event.reason;
      return;
    case 'task-saved':
      task.checkpoints = [event.checkpoint, ...task.checkpoints].slice(0, 2);
      task.cpuSeconds = Math.max(task.cpuSeconds, event.checkpoint.cpuSeconds);
      task.log = event.checkpoint.log ?? task.log;
      state.night.checkpoints += 1;
      if (event.suspended) {
        task.broke = [];
        task.state = 'suspended';
        task.attempt = null;
      }
      return;
    case 'task-checkpoint-dropped':
      task.checkpoints = task.checkpoints.filter((checkpoint) => checkpoint.hash !== event.hash);
      lose(
        state,
        task,
        task.lastMachine,
        event.lostMs ?? 0,
        { code: 'checkpoint-lost', facts: { because: event.reason } },
        at,
      );
      if (task.state === 'suspended' && task.checkpoints.length === 0) {
        task.state = 'queued';
        task.restartsFromZero += 1;
        task.reason = { code: 'no-checkpoint-left', facts: { because: event.reason } };
      }
      return;
    case 'task-attempt-lost':
      if (task.attempt) lose(state, task, task.attempt.machine, event.lostMs, event.reason, at);
      task.attempt = null;
      task.reason = event.reason;
      if (event.avoid && !task.avoid.includes(event.avoid)) task.avoid.push(event.avoid);
      if (task.checkpoints.length > 0) task.state = 'suspended';
      else {
        if (task.startedAt !== null) task.restartsFromZero += 1;
        task.state = 'queued';
      }
      return;
    case 'task-done':
      task.state = 'done';
      task.reason = null;
      endTask(state, task, event, at);
      state.night.tasksDone += 1;
      return;
    case 'task-failed':
      task.state = 'failed';
      task.reason = event.reason;
      endTask(state, task, event, at);
      state.night.tasksFailed += 1;
      return;
    case 'task-retried':
      task.broke = [];
      task.failures += 1;
      task.state = 'queued';
      task.attempt = null;
      task.checkpoints = [];
      task.exitCode = event.exitCode;
      task.reason = event.reason;
      task.log = event.log;
      task.restartsFromZero += 1;
      if (event.avoid && !task.avoid.includes(event.avoid)) task.avoid.push(event.avoid);
      return;
    case 'task-recalled':
      if (!task.attempt) return;
      task.attempt.phase = 'recalled';
      task.attempt.recalledFor = event.reason;
      return;
    case 'task-blamed':
      if (!task.broke.includes(event.machine)) task.broke = [...task.broke, event.machine];
      return;
    case 'task-held':
      task.heldFor = event.reason;
      return;
    case 'task-let-go':
      task.heldFor = null;
      task.broke = [];
      return;
    case 'task-cleared':
      task.heldFor = null;
      task.broke = task.broke.filter((machine) => machine !== event.machine);
      return;
    case 'task-stopping':
      if (task.attempt) task.attempt.phase = 'stopping';
      return;
    case 'task-cancelled':
      task.heldFor = null;
      task.state = 'cancelled';
      task.attempt = null;
      task.checkpoints = [];
      task.finishedAt = at;
      return;
    default:
      assertNever(event, 'task event');
  }
}

function lose(
  state: LabState,
  task: Task,
  machine: MemberId | null,
  lostMs: number,
  reason: Reason,
  at: EpochMillis,
): void {
  task.lostMs += lostMs;
  state.night.lostMs += lostMs;
  if (lostMs <= 0 || machine === null) return;
  const loss = { task: task.id, machine, at, lostMs, reason };
  state.night.losses = [...state.night.losses, loss].slice(-lossesNamed);
}

function endTask(
  state: LabState,
  task: Task,
  event: Extract<TaskEvent, { readonly e: 'task-done' | 'task-failed' }>,
  at: EpochMillis,
): void {
  task.exitCode = event.exitCode;
  task.outputs = event.outputs;
  if (event.outputNodes) task.outputNodes = event.outputNodes;
  task.log = event.log ?? task.log;
  state.night.cpuSeconds += Math.max(0, event.cpuSeconds);
  task.cpuSeconds = Math.max(task.cpuSeconds, event.cpuSeconds);
  task.attempt = null;
  task.checkpoints = [];
  task.heldFor = null;
  task.finishedAt = at;
}
